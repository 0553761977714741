import { z } from 'zod';
import { type Range, wholeNumberFrom } from '../bounds.js';

/** A whole number, with both ends of its range in the message. */
export const whole = (range: Range) => {
  const message = wholeNumberFrom(range);
  return z.int(message).min(range.least, message).max(range.most, message);
};
