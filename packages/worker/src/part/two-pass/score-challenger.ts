import { type BoundChallenger, ShardmillError } from '@shardmill/core';
import type { LanePool, ScoredBatch } from '../../lane/lane-pool.js';
import type { FeedPool } from '../../scan/batch-builder.js';
import { type ChallengerBatch, FAILED } from '../../scan/challenger-rows.js';
import type { ChallengerRows } from '../../write/challenger-table.js';

/** What a challenger is run with. */
export interface ChallengerInference {
  readonly planned: BoundChallenger;
  /** All of its lanes. */
  readonly lanes: () => Promise<LanePool>;
  /** Is called with why a row is not scored. */
  readonly onFailure: (why: string) => void;
}

export type OpenChallenger = ChallengerInference & { readonly feeds: FeedPool };

/** A challenger's rows of a batch, but for their keys, and the time of its lane. */
export type ScoredRows = Omit<ChallengerRows, 'keys'> & Pick<ScoredBatch, 'milliseconds'>;

/** Faults of the model itself. All others are the engine's, and end the attempt as they do for the champion. */
const OWN_FAULTS: readonly string[] = ['MODEL_RUN_FAILED', 'MODEL_OUTPUT_SHAPE'];

/**
 * Hands a challenger's rows of a batch to its lanes. Rows that it gives no score for are marked: they
 * end nothing. @throws ENGINE_…
 */
export async function submitChallenger(
  { planned, lanes, feeds, onFailure }: OpenChallenger,
  batch: ChallengerBatch,
): Promise<{ readonly result: Promise<ScoredRows> }> {
  const { rows, positions, states } = batch;
  if (batch.failure !== undefined) onFailure(batch.failure);
  const nothing = { positions, states, outputs: [], milliseconds: 0 };
  if (rows === 0) {
    feeds.giveBack(batch.feeds);
    return { result: Promise.resolve(nothing) };
  }
  const outputs = planned.model.outputs.map(({ name }) => name);
  const { result } = await (await lanes()).submit({
    rows,
    feeds: batch.feeds,
    outputs,
    pooled: undefined,
    reuse: feeds.giveBack,
  });
  const scored = result.then(
    (done): ScoredRows => {
      for (const { row, message } of done.failures) {
        states[positions[row] ?? 0] = FAILED;
        onFailure(message);
      }
      return { positions, states, outputs: done.outputs, milliseconds: done.milliseconds };
    },
    (error: unknown): ScoredRows => {
      if (!(error instanceof ShardmillError) || !OWN_FAULTS.includes(error.code)) throw error;
      onFailure(error.message);
      for (const position of positions) states[position] = FAILED;
      return nothing;
    },
  );
  // The caller that awaits it gets the failure.
  scored.catch(() => {});
  return { result: scored };
}
