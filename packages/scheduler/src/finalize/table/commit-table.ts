import {
  type Column,
  type Manifest,
  mapConcurrent,
  type ObjectStore,
  type Plan,
  ShardmillError,
} from '@shardmill/core';
import { commitKey, LOG_PREFIX } from '../../delta/log/log-files.js';
import type { ReadCheckpoint } from '../../delta/log/read-snapshot.js';
import { checkTarget } from '../../delta/target/check-target.js';
import { type CommittedPart, commitLines, transactionOf } from '../../delta/target/commit-lines.js';
import { readTarget } from '../../delta/target/read-target.js';
import { replacedFiles } from '../../delta/target/replaced-files.js';
import { readSuccess } from '../../output/read-location.js';
import { findCommit } from './find-commit.js';
import { partStatistics } from './part-statistics.js';
import { refuseSuperseded } from './refuse-superseded.js';
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

/** What a commit takes of a run's plan, and what it takes besides. */
interface CommitSource extends Omit<TableCommitRequest, 'plan'> {
  readonly plan: Pick<Plan, 'runId' | 'mode'> & {
    readonly scoring: {
      readonly output: {
        readonly columns: readonly Column[];
        readonly partitionBy?: readonly string[] | undefined;
      };
    };
  };
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
  request: CommitSource,
  manifest: Pick<Manifest, 'parts' | 'statistics' | 'table'>,
): Promise<TableCommit> {
  const { store, plan, now, versions } = request;
  const { runId, mode } = plan;
  // The table may have forgotten the transaction of a run that finished long ago.
  if ((await readSuccess(store)) === runId) return { version: manifest.table?.version };
  const { columns, partitionBy } = plan.scoring.output;
  const target = { mode, columns, partitionBy };
  let parts: readonly CommittedPart[] | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const snapshot = await readTarget({ store, readCheckpoint: request.readCheckpoint });
    if (snapshot?.transactions.has(transactionOf(runId)) === true) {
      return { version: await findCommit(store, transactionOf(runId)) };
    }
    const written = manifest.parts.filter(hasRows);
    const replaced = replacedFiles(snapshot, { ...target, parts: written });
    await refuseSuperseded(store, plan, { isThere: snapshot !== undefined, replaced });
    checkTarget(snapshot, target, store.uri);
    parts ??= await describeParts(request, manifest);
    const version = versions['shardmill'] ?? 'unknown';
    const lines = commitLines({ runId, ...target, replaced, parts, snapshot, now, version });
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

/** Parts without a row are no files of the table. */
const hasRows = ({ rows }: Manifest['parts'][number]): boolean => rows.scored > 0;

async function describeParts(
  { store, plan, describePart }: CommitSource,
  { parts, statistics }: Pick<Manifest, 'parts' | 'statistics'>,
): Promise<CommittedPart[]> {
  const { columns, partitionBy = [] } = plan.scoring.output;
  const inFiles = columns.filter(({ name }) => !partitionBy.includes(name));
  const describe = describePart ?? partStatistics(store, inFiles, statistics);
  const filled = parts.filter(hasRows);
  return mapConcurrent(filled, FOOTERS_AT_ONCE, async (part) => ({
    key: part.key,
    bytes: part.bytes,
    statistics: await describe(part),
    partition: part.partition,
  }));
}
