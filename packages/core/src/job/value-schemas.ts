import { z } from 'zod';
import { isDuration, type Range, wholeNumberFrom } from './bounds.js';

/** Forms of values that occur in several places of a definition. */

/** A whole number, with both ends of its range in the message. */
export const whole = (range: Range) => {
  const message = wholeNumberFrom(range);
  return z.int(message).min(range.least, message).max(range.most, message);
};

/** `'90s'`, `'15m'`, `'2h'`. */
export const duration = (least: '0ms' | '1ms', message: string) =>
  z
    .string(message)
    .regex(/^\d+(\.\d+)?\s*(ms|s|m|h)$/, message)
    .refine((text) => isDuration(text, least), message);
