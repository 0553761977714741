/** Rows that were done at a time of the same clock. */
interface Sample {
  readonly atMs: number;
  readonly rows: number;
}

/** What is remembered to compute the rate: a plain value, replaced at each step. */
export type RateState = readonly Sample[];

/**
 * Rows are done in jumps of a batch or of a part: the rate is taken over whole jumps, the last
 * ones of at least this time and this number.
 */
const WINDOW_MS = 10_000;
const WINDOW_JUMPS = 6;

/** @param rows done when the work begins, by earlier attempts: they count for no speed. */
export function startRate(atMs: number, rows: number): RateState {
  return [{ atMs, rows }];
}

export function addToRate(state: RateState, atMs: number, rows: number): RateState {
  const last = state.at(-1);
  if (last !== undefined && rows <= last.rows) return state;
  const samples = [...state, { atMs, rows }];
  const old = samples.findLastIndex(
    (s, i) => atMs - s.atMs >= WINDOW_MS && samples.length - 1 - i >= WINDOW_JUMPS,
  );
  return old > 0 ? samples.slice(old) : samples;
}

/**
 * Rows per second, or undefined before the first jump. When nothing has come for longer than the
 * jumps are apart, the rate falls: a stalled run does not promise its old end.
 */
export function rateAt(state: RateState, nowMs: number): number | undefined {
  const first = state[0];
  const last = state.at(-1);
  if (first === undefined || last === undefined || last.rows === first.rows) return undefined;
  const spanMs = Math.max(last.atMs - first.atMs, 1);
  const usualGapMs = spanMs / (state.length - 1);
  const lateMs = Math.max(0, nowMs - last.atMs - usualGapMs);
  return ((last.rows - first.rows) / (spanMs + lateMs)) * 1000;
}
