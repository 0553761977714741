import {
  addRowCounts,
  addWork,
  type ChallengerState,
  checkedKeys,
  type KeyState,
  type Manifest,
  mapInOrder,
  mergeChallengers,
  mergeKeys,
  mergeReasons,
  mergeStatisticsByColumn,
  NO_ROWS,
  NO_WORK,
  type ObjectRef,
  type ObjectStore,
  type OutputStatistics,
  type PartFile,
  partIndexPrefix,
  type Plan,
  ProfileMerger,
  type ProfileState,
  type RejectedReasons,
  type RowCounts,
  runOfPart,
  runParts,
  ShardmillError,
  shardRecordKey,
  workerSecondsOf,
  workOf,
  type WorkTime,
} from '@shardmill/core';
import { findRecord, plannedShards } from '@shardmill/core/plans';
import { checkRecord, refuseImbalance } from './check-record.js';
import { failedSeconds } from './failed-time.js';

/** What all shard records say together. */
export interface CollectedRecords {
  /** Rows of the parts: those that statistics ruled out beforehand are not among them. */
  readonly rows: RowCounts;
  readonly parts: Manifest['parts'];
  readonly rejected: Manifest['rejected'];
  /** Undefined where no row was rejected. */
  readonly rejectedReasons: RejectedReasons | undefined;
  readonly statistics: Readonly<Record<string, OutputStatistics>>;
  /** Of all parts; undefined where a record has none. */
  readonly profile: ProfileState | undefined;
  /** Undefined where the run has none. */
  readonly challengers: readonly ChallengerState[] | undefined;
  /** Of the keys of checks; undefined where there are none, or where a record has none. */
  readonly keys: readonly KeyState[] | undefined;
  readonly seconds: Readonly<Record<string, number>>;
  /** Undefined where a record of an earlier version does not say: then nothing is claimed. */
  readonly work: WorkTime | undefined;
}

/** Records that are read ahead: an object store takes a while to answer, and answers many at once. */
const READ_AHEAD = 32;

/**
 * Reads and checks the records of all shards, in their order: of a record only the references of
 * its parts stay in memory, its statistics are merged.
 * @throws SHARDS_FAILED where records are missing, PLAN_MISMATCH, ROW_ACCOUNTING, OUTPUT_CONFLICT
 */
export async function collectRecords(store: ObjectStore, plan: Plan): Promise<CollectedRecords> {
  const parts: Manifest['parts'] = [];
  const indexes: ObjectRef[] = [];
  const rejected: Manifest['rejected'] = [];
  const missing: number[] = [];
  let rows = NO_ROWS;
  let rejectedReasons: RejectedReasons | undefined;
  let challengers: ChallengerState[] | undefined;
  let keys: KeyState[] | undefined = checkedKeys(plan.checks?.checks) && [];
  let statistics: Record<string, OutputStatistics> = {};
  const seconds: Record<string, number> = {};
  let profile = plan.profile && new ProfileMerger();
  // A listing, while the first records are read.
  const unfinished = failedSeconds(store, plan.runId);
  unfinished.catch(() => {});
  let work: WorkTime | undefined = NO_WORK;
  const shards = plannedShards(store, plan);
  const read = mapInOrder(shards, READ_AHEAD, async (planned) => {
    return { planned, record: await findRecord(store, plan, planned.shard) };
  });
  for await (const { planned, record } of read) {
    const { shard } = planned;
    if (record === undefined) {
      missing.push(shard);
      continue;
    }
    checkRecord(record, planned, plan, store.locate(shardRecordKey(plan.runId, shard)));
    rows = addRowCounts(rows, record.rows);
    statistics = mergeStatisticsByColumn(statistics, record.statistics);
    if (record.rejectedReasons !== undefined) {
      rejectedReasons = mergeReasons(rejectedReasons, record.rejectedReasons);
    }
    if (record.challengers !== undefined) {
      challengers = mergeChallengers(challengers, record.challengers);
    }
    // Of a worker of an earlier version: a profile of some of the rows would be none of the run.
    if (record.profile === undefined) profile = undefined;
    else profile?.add(record.profile);
    keys = keys && record.keys && mergeKeys([...keys, ...record.keys]);
    for (const [stage, spent] of Object.entries(record.seconds)) {
      seconds[stage] = (seconds[stage] ?? 0) + spent;
    }
    if (workerSecondsOf(record) === undefined) work = undefined;
    else work &&= addWork(work, workOf(record));
    for (const { part, object, files, rows: counts, rejected: kept } of record.parts) {
      if (files === undefined) parts.push({ ...object, shard, part, rows: counts });
      else {
        indexes.push(object);
        parts.push(...files.map((file) => partOfFile(file, shard, part)));
      }
      if (kept !== null) rejected.push({ ...kept, shard, part, rows: counts.rejected });
    }
  }
  if (missing.length > 0) throw shardsMissing(store, plan, missing);
  refuseImbalance(rows, 'the run', store.uri);
  if (rows.read !== plan.totals.rows) {
    throw new ShardmillError(
      'ROW_ACCOUNTING',
      `the run: ${rows.read} rows were read, ${plan.totals.rows} are planned`,
      { where: store.uri },
    );
  }
  await checkObjects(store, plan, [...parts, ...indexes]);
  work &&= addWork(work, { ...NO_WORK, unfinishedSeconds: await unfinished });
  const merged = profile && wholeOutputs(profile.finish(), statistics);
  return {
    rows,
    parts,
    rejected,
    rejectedReasons,
    statistics,
    profile: merged,
    challengers,
    keys,
    seconds,
    work,
  };
}

/** Without texts that some parts have no profile of: a worker of an earlier version made these. */
function wholeOutputs(
  profile: ProfileState,
  statistics: Readonly<Record<string, OutputStatistics>>,
): ProfileState {
  const outputs = profile.outputs.filter(
    ({ name, state }) => state.kind === 'number' || state.count === statistics[name]?.count,
  );
  return { ...profile, outputs };
}

function shardsMissing(store: ObjectStore, plan: Plan, missing: readonly number[]): ShardmillError {
  const some = missing.slice(0, 10).join(', ');
  return new ShardmillError(
    'SHARDS_FAILED',
    `${missing.length} of ${plan.totals.shards} shards are not done: ${some}${missing.length > 10 ? ', …' : ''}`,
    { where: store.locate(shardRecordKey(plan.runId, missing[0] ?? 0)) },
  );
}

/** A file of a part as one of the manifest's: all of its rows were scored. */
function partOfFile(
  { rows, ...file }: PartFile,
  shard: number,
  part: number,
): Manifest['parts'][number] {
  const counts = { read: rows, scored: rows, rejected: 0, filtered: 0 };
  return { ...file, shard, part, rows: counts };
}

/** The objects that records name are there, in their size, and no other parts of this run. */
async function checkObjects(
  store: ObjectStore,
  plan: Plan,
  objects: readonly ObjectRef[],
): Promise<void> {
  const expected = new Map(objects.map(({ key, bytes }) => [key, bytes]));
  const conflict = (key: string, message: string): ShardmillError =>
    new ShardmillError('OUTPUT_CONFLICT', message, { where: store.locate(key) });
  const partitioned = plan.scoring.output.partitionBy !== undefined;
  // Files of partitions lie in folders of any name.
  for await (const { key, bytes } of store.list(partitioned ? '' : runParts(plan.runId))) {
    const isIndex = partitioned && key.startsWith(partIndexPrefix(plan.runId));
    // The prefix of run "a" is also that of a run "a-1".
    if (!isIndex && runOfPart(key) !== plan.runId) continue;
    const recorded = expected.get(key);
    if (recorded === undefined) throw conflict(key, 'no shard record names this part');
    if (recorded !== bytes) {
      throw conflict(key, `the part has ${bytes} bytes, its shard record says ${recorded}`);
    }
    expected.delete(key);
  }
  const [lost] = expected.keys();
  if (lost !== undefined) {
    throw conflict(lost, `a part that a shard record names is gone (${expected.size} in all)`);
  }
}
