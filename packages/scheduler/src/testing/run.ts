import { createHash } from 'node:crypto';
import {
  addRowCounts,
  canonicalJson,
  digestJson,
  FileStore,
  NO_ROWS,
  type ObjectInfo,
  type ObjectStore,
  partFileKey,
  type PartFile,
  partIndexKey,
  partitionFolders,
  type PartRecord,
  type Plan,
  type PlannedShard,
  type PlanPage,
  partKey,
  RECORD_FORMAT,
  rejectedKey,
  type ShardRecord,
  Stores,
  shardRecordKey,
} from '@shardmill/core';
import { makePlan } from '../plan/make-plan.js';
import { jobOf } from './job.js';
import { fakeBinder } from './parquet.js';

export interface TestRun {
  readonly plan: Plan;
  readonly shards: readonly PlannedShard[];
  readonly pages: readonly PlanPage[];
}

/** A plan over `data/` in the folder, with small parts so that there are several shards. */
export async function testRun(
  base: string,
  runId: string,
  mode: Plan['mode'] = 'create',
  createdAt = new Date(0),
  partitionBy?: string[],
): Promise<TestRun> {
  const made = await makePlan({
    job: jobOf({
      plan: { partRows: 2048, shardParts: 2 },
      output: { ...jobOf().output, mode, partitionBy },
    }),
    jobFile: `${base}/job.yaml`,
    params: {},
    runId,
    now: createdAt,
    binder: fakeBinder(() => ({ used: ['a'] })),
    stores: new Stores(),
  });
  return { plan: made.plan, pages: [...made.pages], shards: made.pages.flatMap((p) => p.shards) };
}

/** The plan as another data set's would be: same shards, another digest. */
export function ofOtherData(run: TestRun): TestRun {
  return { ...run, plan: { ...run.plan, digest: digestJson(run.plan.digest) } };
}

/** Writes parts and records as a worker would; a tenth of each part's rows is rejected if requested. */
export async function work(
  store: ObjectStore,
  { plan, shards }: TestRun,
  {
    rejecting = false,
    change = (record: ShardRecord): ShardRecord => record,
    partitions = HALVES,
  } = {},
): Promise<void> {
  for (const shard of shards) {
    const record = change(await makeParts(store, plan, shard, rejecting, partitions));
    const key = shardRecordKey(plan.runId, shard.shard);
    await store.create(key, Buffer.from(canonicalJson(record)));
  }
}

/** Writes the parts of one shard. @returns the record that they call for; it is not written. */
export async function makeParts(
  store: ObjectStore,
  plan: Plan,
  { shard, parts }: PlannedShard,
  rejecting = false,
  partitions = HALVES,
): Promise<ShardRecord> {
  const records: PartRecord[] = [];
  for (const { part, rows } of parts) {
    const rejected = rejecting ? Math.floor(rows / 10) : 0;
    const put = async (key: string) => {
      const content = Buffer.from(`${key} ${rows}`);
      await store.create(key, content);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { key, bytes: content.length, sha256 };
    };
    const scored = rows - rejected - 1;
    const { partitionBy } = plan.scoring.output;
    const files: PartFile[] = [];
    for (const [value, count] of partitionBy === undefined ? [] : dividedBy(partitions, scored)) {
      const partition = Object.fromEntries(partitionBy?.map((column) => [column, value]) ?? []);
      const folders = partitionFolders(partitionBy ?? [], partition);
      const object = await put(partFileKey(folders, plan.runId, shard, part));
      files.push({ ...object, rows: count, partition });
    }
    const key = (partitionBy === undefined ? partKey : partIndexKey)(plan.runId, shard, part);
    records.push({
      part,
      rows: { read: rows, scored, rejected, filtered: 1 },
      object: await put(key),
      ...(partitionBy !== undefined && { files }),
      rejected: rejected > 0 ? await put(rejectedKey(plan.runId, shard, part)) : null,
    });
  }
  const rows = records.reduce((sum, record) => addRowCounts(sum, record.rows), NO_ROWS);
  return {
    format: RECORD_FORMAT,
    runId: plan.runId,
    planDigest: plan.digest,
    shard,
    rows,
    parts: records,
    statistics: {
      score: {
        count: rows.scored,
        nulls: 0,
        numeric: { nan: 0, infinite: 0, min: 1, max: 1, sum: rows.scored, histogram: [] },
      },
    },
    seconds: { infer: 1, worker: 10 },
  };
}

/** The partitions of each part, if no others are requested; one is that of null. */
const HALVES: readonly (string | null)[] = ['a/b', null];

/** Partitions of a part, with the rows of each. */
function dividedBy(
  values: readonly (string | null)[],
  rows: number,
): [value: string | null, rows: number][] {
  const each = Math.floor(rows / values.length);
  return values.map((value, index) => [
    value,
    index === 0 ? rows - each * (values.length - 1) : each,
  ]);
}

/** A store that dies before its n-th change, as a killed process does. */
export class DyingStore extends FileStore {
  constructor(
    root: string,
    public changesLeft: number,
  ) {
    super(root);
  }
  #change(): void {
    if (this.changesLeft-- <= 0) throw new Error('killed');
  }
  override async create(...args: Parameters<FileStore['create']>) {
    this.#change();
    return super.create(...args);
  }
  override async replace(...args: Parameters<FileStore['replace']>) {
    this.#change();
    return super.replace(...args);
  }
  override async delete(...args: Parameters<FileStore['delete']>) {
    this.#change();
    return super.delete(...args);
  }
}

/** All keys of a store with their sizes. */
export async function keysOf(store: ObjectStore, prefix = ''): Promise<string[]> {
  const keys: ObjectInfo[] = [];
  for await (const info of store.list(prefix)) keys.push(info);
  return keys.map(({ key }) => key);
}
