import type { BoundFeature, ScoredOutput, Scoring } from '@shardmill/core';
import type { LanePool, ScoredBatch } from '../../lane/lane-pool.js';
import type { BatchTensor } from '../../onnx/batch-tensor.js';
import type { Batch } from '../../scan/batch-builder.js';
import { type GroupSource, groupFeeds, paddedLength } from '../../text/group-feeds.js';
import { joinGroups } from '../../text/join-groups.js';
import { type RowGroup, RowGroups } from '../../text/row-groups.js';
import type { TokenRows } from '../../text/token-rows.js';

/** How batches of a run are scored. */
export interface BatchRules {
  readonly features: readonly BoundFeature[];
  readonly outputs: readonly ScoredOutput[];
  readonly text: Scoring['text'];
  /** Of the tokenizer. */
  readonly paddingId: number;
  /** Whether a batch must be one call, whatever happens. */
  readonly undivided: boolean;
  /** The most rows of a call, where they are given. */
  readonly maxCallRows: number | undefined;
  /** The most tokens of a call, where they are given. */
  readonly maxCallTokens: number | undefined;
  /** Gets the feeds of a batch back once they are not needed any more. */
  readonly reuse: (feeds: readonly BatchTensor[]) => void;
  /** Is called with the rows of a call of a batch that has several, once they are scored. */
  readonly onCall: (rows: number) => void;
}

/** Of the lanes, what is needed here. */
interface Lanes extends Pick<LanePool, 'submit'> {
  readonly calls: Pick<LanePool['calls'], 'rows'>;
}

type Submitted = { readonly result: Promise<ScoredBatch> };

/**
 * Hands a batch to the lanes; one of texts in calls of rows of about the same length.
 * @throws ENGINE_CRASHED
 */
export async function submitBatch(
  lanes: Lanes,
  batch: Batch,
  rules: BatchRules,
): Promise<Submitted> {
  const { outputs, text, undivided, reuse } = rules;
  const pooled = outputs.some(({ pooling }) => pooling !== undefined) ? outputs : undefined;
  const names = [...new Set(outputs.map(({ name, pooling }) => pooling?.of ?? name))];
  if (batch.tokens === undefined || text === undefined) {
    const { rows, feeds } = batch;
    return lanes.submit({ rows, feeds, outputs: names, pooled, reuse, undivided });
  }
  const { features, paddingId } = rules;
  const source: GroupSource = {
    features,
    feeds: batch.feeds,
    tokens: batch.tokens,
    text,
    paddingId,
  };
  const calls: Promise<ScoredBatch & { readonly rows: Int32Array }>[] = [];
  for (const group of groupsOf(lanes, batch.tokens, rules)) {
    const { result } = await lanes.submit({
      rows: group.rows.length,
      feeds: groupFeeds(source, group),
      outputs: names,
      pooled,
      reuse: () => {},
      undivided,
      unitsPerRow: paddedLength(group, text),
    });
    const call = result.then((scored) => {
      rules.onCall(group.rows.length);
      return { ...scored, rows: group.rows };
    });
    // The caller that awaits all of them gets the failure.
    call.catch(() => {});
    calls.push(call);
  }
  reuse(batch.feeds);
  return { result: joinCalls(calls, batch.rows) };
}

/** The calls of a batch, each sized when the one before it was handed over. */
function* groupsOf(
  lanes: Lanes,
  tokens: TokenRows,
  { text, undivided, maxCallRows, maxCallTokens }: BatchRules,
): Generator<RowGroup> {
  const lengths = Int32Array.from({ length: tokens.rows }, (_, row) =>
    Math.max(1, text?.fixedLength ?? tokens.lengthOf(row)),
  );
  if (undivided) {
    // The job fixes which rows stand beside each other.
    const length = lengths.reduce((most, one) => Math.max(most, one), 1);
    yield { rows: Int32Array.from(lengths.keys()), length };
    return;
  }
  const groups = new RowGroups(lengths);
  for (;;) {
    const group = groups.next({ tokens: maxCallTokens ?? lanes.calls.rows, rows: maxCallRows });
    if (group === undefined) return;
    yield group;
  }
}

async function joinCalls(
  calls: readonly Promise<ScoredBatch & { readonly rows: Int32Array }>[],
  rows: number,
): Promise<ScoredBatch> {
  const done = await Promise.all(calls);
  const milliseconds = done.reduce((sum, call) => sum + call.milliseconds, 0);
  return { ...joinGroups(done, rows), milliseconds, scoredBy: done[0]?.scoredBy ?? [] };
}
