import {
  type Manifest,
  mapConcurrent,
  type ObjectStore,
  type Plan,
  planKey,
  ShardmillError,
} from '@shardmill/core';
import { commitKey, LOG_PREFIX } from '../../delta/log/log-files.js';
import type { ReadCheckpoint } from '../../delta/log/read-snapshot.js';
import type { Snapshot } from '../../delta/log/snapshot.js';
import { checkTarget } from '../../delta/target/check-target.js';
import { type CommittedPart, commitLines, transactionOf } from '../../delta/target/commit-lines.js';
import { readTarget } from '../../delta/target/read-target.js';
import { findEarlierRuns, isFollowed } from '../../output/earlier-runs.js';
import { readSuccess } from '../../output/read-location.js';
import { findCommit } from './find-commit.js';
import { partStatistics } from './part-statistics.js';
import type { TableCheckpoints, TableCommit } from './table-commit.js';

export interface TableCommitRequest {
  readonly store: ObjectStore;
  readonly plan: Plan;
  readonly now: Date;
  readonly versions: Readonly<Record<string, string>>;
  /** Writes checkpoints of the table where they are due; none are where it is left out. */
  readonly checkpoints?: TableCheckpoints | undefined;
  /** Where left out, a table that needs a checkpoint is refused. */
  readonly readCheckpoint?: ReadCheckpoint | undefined;
  /** Statistics of a part, as the text of a JSON object; from its footer where left out. */
  readonly describePart?: ((part: Manifest['parts'][number]) => Promise<string>) | undefined;
}

const FOOTERS_AT_ONCE = 32;
/** Versions that other programs may commit between a look at the log and the commit. */
const TRIES = 50;

/**
 * Makes the parts of a finished run visible in the table, in one commit. The run's transaction in
 * the log shows whether that was done already, by whichever process, so that it is done once. The
 * version is created on the condition that it is free: where another program was first, the log
 * is read again, and the commit is made anew for the state that it finds.
 * @returns the version that has the run's rows, made now or found.
 * @throws TABLE_CONFLICT, TABLE_MISMATCH, TABLE_UNSUPPORTED, TABLE_LOG_DAMAGED, OUTPUT_CONFLICT, STORE_…
 */
export async function commitTable(
  request: TableCommitRequest,
  manifest: Manifest,
): Promise<TableCommit> {
  const { store, plan, now, versions } = request;
  const { runId, mode } = plan;
  // The table may have forgotten the transaction of a run that finished long ago.
  if ((await readSuccess(store)) === runId) return { version: manifest.table?.version };
  const { columns } = plan.scoring.output;
  let parts: readonly CommittedPart[] | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const snapshot = await readTarget({ store, readCheckpoint: request.readCheckpoint });
    if (snapshot?.transactions.has(transactionOf(runId)) === true) {
      return { version: await findCommit(store, transactionOf(runId)) };
    }
    await refuseSuperseded(store, plan, snapshot);
    checkTarget(snapshot, { mode, columns }, store.uri);
    parts ??= await describeParts(request, manifest);
    const version = versions['shardmill'] ?? 'unknown';
    const lines = commitLines({ runId, mode, columns, parts, snapshot, now, version });
    const next = (snapshot?.version ?? -1) + 1;
    if ((await store.create(commitKey(next), Buffer.from(lines))) === 'created') {
      return { version: next, follows: snapshot };
    }
  }
  throw new ShardmillError(
    'TABLE_CONFLICT',
    `other programs committed ${TRIES} versions, each before this run could`,
    {
      where: store.locate(LOG_PREFIX.slice(0, -1)),
      remedy: 'Run it again when they are done: the parts are kept.',
    },
  );
}

/**
 * A run that was given up, or that would replace what a later one has begun to write, comes too
 * late. This is checked before each try: what happens after it takes the version of that try.
 */
async function refuseSuperseded(
  store: ObjectStore,
  { runId, mode }: Pick<Plan, 'runId' | 'mode'>,
  snapshot: Snapshot | undefined,
): Promise<void> {
  const refuse = (message: string, remedy?: string): never => {
    throw new ShardmillError('TABLE_CONFLICT', message, { where: store.uri, remedy });
  };
  if ((await store.head(planKey(runId))) === undefined) {
    refuse(`run ${runId} was given up: a later run has overwritten the table`);
  }
  if (mode === 'create' && snapshot !== undefined) {
    refuse(
      'the table was created by another program after this run began in mode create',
      'Use --mode append, or another location.',
    );
  }
  if (mode !== 'overwrite') return;
  const earlier = await findEarlierRuns(store, runId);
  if (earlier === undefined || !(await isFollowed(store, runId, earlier))) return;
  refuse(
    `a later run has begun here, whose rows this run (mode overwrite) would replace`,
    'Start it anew where its result is still wanted.',
  );
}

/** Parts without a row are no files of the table. */
async function describeParts(
  { store, plan, describePart }: TableCommitRequest,
  { parts, statistics }: Manifest,
): Promise<CommittedPart[]> {
  const describe = describePart ?? partStatistics(store, plan.scoring.output.columns, statistics);
  const filled = parts.filter(({ rows }) => rows.scored > 0);
  return mapConcurrent(filled, FOOTERS_AT_ONCE, async (part) => ({
    key: part.key,
    bytes: part.bytes,
    statistics: await describe(part),
  }));
}
