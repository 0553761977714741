import type { Goal } from './results.js';
import type { Spread } from './spread.js';

/** Whether a goal was reached, for people. */
export const metText = ({ met }: Pick<Goal, 'met'>): string => (met ? 'met' : 'NOT met');

/** A median with the lowest and the highest: `1.06 (1.05 to 1.10)`. */
export const spreadText = ({ median, min, max }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;

/** The median of seconds. */
export const secondsText = ({ median }: Spread): string => `${median.toFixed(2)} s`;
