import { z } from 'zod';
import { durationMessage, isDuration } from '../bounds.js';

/** `'90s'`, `'15m'`, `'2h'`, of at least `least` and at most 24 days. */
export function durationSchema(least: string) {
  const message = durationMessage(least);
  return z
    .string(message)
    .regex(/^\d+(\.\d+)?\s*(ms|s|m|h)$/, message)
    .refine((text) => isDuration(text, least), message);
}
