import { type ObjectStore, type Plan, planKey, runOfPart, ShardmillError } from '@shardmill/core';
import type { AddFile } from '../../delta/log/actions.js';
import { findEarlierRuns, isFollowed } from '../../output/earlier-runs.js';

/** What a commit is about to do to a table. */
interface Intended {
  readonly isThere: boolean;
  /** The files that it removes. */
  readonly replaced: readonly AddFile[];
}

/**
 * Refuses a run that was given up, or that would replace what a later one has written or has begun to write:
 * it comes too late. This is checked before each try: what happens after it takes the version of
 * that try.
 * @throws TABLE_CONFLICT
 */
export async function refuseSuperseded(
  store: ObjectStore,
  { runId, mode }: Pick<Plan, 'runId' | 'mode'>,
  { isThere, replaced }: Intended,
): Promise<void> {
  const refuse = (message: string, remedy?: string): never => {
    throw new ShardmillError('TABLE_CONFLICT', message, { where: store.uri, remedy });
  };
  if ((await store.head(planKey(runId))) === undefined) {
    refuse(`run ${runId} was given up: a later run has overwritten the table`);
  }
  switch (mode) {
    case 'append':
      return;
    case 'create':
      if (!isThere) return;
      return refuse(
        'the table was created by another program after this run began in mode create',
        'Use --mode append, or another location.',
      );
    case 'overwrite': {
      const earlier = await findEarlierRuns(store, runId);
      if (earlier === undefined || !(await isFollowed(store, runId, earlier))) return;
      return refuse(
        `a later run has begun here, whose rows this run (mode overwrite) would replace`,
        START_ANEW,
      );
    }
    case 'replace-partitions': {
      const later = await findLater(store, runId, replaced);
      if (later === undefined) return;
      return refuse(
        `run ${later.run}, which began after this one, has written to a partition that this run would replace: ${partitionText(later.file)}`,
        START_ANEW,
      );
    }
    default: {
      const unknown: never = mode;
      return unknown;
    }
  }
}

const START_ANEW = 'Start it anew where its result is still wanted.';

/** A file of a run of Shardmill that was not there when this run was started last. */
async function findLater(
  store: ObjectStore,
  runId: string,
  files: readonly AddFile[],
): Promise<{ readonly run: string; readonly file: AddFile } | undefined> {
  const owned = files.flatMap((file) => {
    const run = runOfPart(file.path);
    return run === undefined || run === runId ? [] : [{ run, file }];
  });
  if (owned.length === 0) return undefined;
  const earlier = await findEarlierRuns(store, runId);
  return earlier && owned.find(({ run }) => !earlier.has(run));
}

function partitionText({ partitionValues }: AddFile): string {
  const values = Object.entries(partitionValues);
  return values.map(([name, value]) => `${name} = ${value ?? 'null'}`).join(', ');
}
