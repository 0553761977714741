import { type Plan, type Stores, toShardmillError } from '@shardmill/core';
import { openOutput } from '@shardmill/scheduler';

/** What a run of a plan would find at its output location. */
export type OutputCheck =
  | { readonly state: 'free' }
  /** It would go on with this one. */
  | { readonly state: 'unfinished'; readonly run: string }
  | {
      readonly state: 'refused';
      readonly code: string;
      readonly message: string;
      readonly remedy: string;
    };

/** Checks without writing anything; what would end a run at once is an answer, not an error. */
export async function checkOutput(stores: Stores, plan: Plan): Promise<OutputCheck> {
  try {
    const opened = await openOutput(stores.open(plan.scoring.output.uri), plan);
    return opened.kind === 'fresh'
      ? { state: 'free' }
      : { state: 'unfinished', run: opened.plan.runId };
  } catch (thrown) {
    const { code, message, remedy } = toShardmillError(thrown);
    return { state: 'refused', code, message, remedy };
  }
}
