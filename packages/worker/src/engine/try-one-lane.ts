import type { LanePool } from '../lane/lane-pool.js';

/** Below, scanning takes as long as the model: it is not worth while to try. */
const MIN_MS_PER_ROW = 0.02;
/** One lane holds the model once: it is preferred unless it is slower than several by more than noise. */
const WORTH_IT = 0.97;

interface OneLaneOptions {
  readonly modelPath: string;
  /** Lanes of one thread each that there are. */
  readonly lanes: number;
  /** Is called with what was found; after it there are no other lanes. */
  readonly onFound: (oneLane: boolean) => void;
}

/**
 * Finds out in the midst of a run whether one lane with all threads is faster than a lane for each
 * of them: large trees share the processor's cache then, and small calls of a network are divided.
 * What is tried is scored all the same. The lanes that are slower are ended for good.
 */
export function tryOneLane(pool: LanePool, options: OneLaneOptions): void {
  pool.calls.onSteady = (msPerRow) => {
    if (msPerRow < MIN_MS_PER_ROW) return;
    // A lane for which there is no room is one that is not tried.
    compare(pool, options, msPerRow / options.lanes).catch(() => {});
  };
}

async function compare(
  pool: LanePool,
  { modelPath, lanes, onFound }: OneLaneOptions,
  several: number,
): Promise<void> {
  await pool.addLane(modelPath, { threads: lanes, providers: ['cpu'] }, { spare: true });
  const oneLane = (await pool.timeSpareLane()) < several * WORTH_IT;
  await pool.keepLanes(oneLane ? 'spare' : 'usual');
  onFound(oneLane);
}
