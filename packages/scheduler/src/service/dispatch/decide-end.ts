/** How far a round of a run is. */
export interface RunProgress {
  readonly failFast: boolean;
  /** Shards that are neither done nor failed. */
  readonly open: number;
  /** Shards with a failure in this round and without a record. */
  readonly failed: number;
  /** Shards that are done as far as was heard, and not seen in the store. */
  readonly heard: number;
}

export type EndDecision =
  | 'go-on'
  /** All shards seem to be done or failed: list what is in the store. */
  | 'look'
  | 'finalize'
  | 'fail';

/** Whether a round of a run has come to its end, as far as the store tells. */
export function decideEnd({ failFast, open, failed, heard }: RunProgress): EndDecision {
  if (failFast && failed > 0) return 'fail';
  if (open > 0) return 'go-on';
  if (heard > 0) return 'look';
  return failed > 0 ? 'fail' : 'finalize';
}
