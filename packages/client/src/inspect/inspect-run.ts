import { readdir } from 'node:fs/promises';
import path from 'node:path';
import {
  addRowCounts,
  addWork,
  isS3,
  type Manifest,
  manifestKey,
  mergeReasons,
  NO_ROWS,
  NO_WORK,
  type ObjectStore,
  type Plan,
  parentLocation,
  partIndexPrefix,
  planKey,
  qualityKey,
  type QualityOutcome,
  type RejectedReasons,
  runOfPlan,
  type RowCounts,
  runParts,
  ShardmillError,
  shardRecordsPrefix,
  STATE_PREFIX,
  type Stores,
  suggestion,
  workOf,
  type WorkTime,
} from '@shardmill/core';
import { withTableVersion } from '@shardmill/core/plans';
import {
  manifestSchema,
  planSchema,
  qualityRecordSchema,
  shardRecordSchema,
} from '@shardmill/core/schemas';

export interface UnfinishedRun {
  readonly output: string;
  readonly plan: Plan;
  readonly shardsDone: number;
  readonly partsWritten: number;
  /** Rows of the shards that are done. */
  readonly rows: RowCounts;
  readonly rejectedReasons?: RejectedReasons | undefined;
  /** Worker time of the same shards. */
  readonly work: WorkTime;
  /** What its checks came to, where they were evaluated. */
  readonly outcomes?: readonly QualityOutcome[] | undefined;
}

export type InspectedRun =
  | {
      readonly kind: 'run';
      readonly output: string;
      readonly manifestPath: string;
      readonly manifest: Manifest;
      readonly plan: Plan | null;
      /** Other runs of this output, newest first. */
      readonly otherRuns: readonly string[];
    }
  | ({ readonly kind: 'unfinished-run' } & UnfinishedRun);

/** Ids of the runs whose plans lie below an output folder, newest first. */
export async function runsIn(output: string, stores: Stores): Promise<string[]> {
  const store = stores.open(output);
  const runs = isS3(output) ? await listedRuns(store) : await runFolders(store, output);
  return runs.toSorted().toReversed();
}

async function listedRuns(store: ObjectStore): Promise<string[]> {
  const runs: string[] = [];
  for await (const { key } of store.list(STATE_PREFIX)) {
    const run = runOfPlan(key);
    if (run !== undefined) runs.push(run);
  }
  return runs;
}

/** The runs of a local folder; a listing by prefix would go through every shard record. */
async function runFolders(store: ObjectStore, output: string): Promise<string[]> {
  const runs: string[] = [];
  for (const name of await readdir(path.join(output, STATE_PREFIX)).catch(() => [])) {
    if ((await store.head(planKey(name))) !== undefined) runs.push(name);
  }
  return runs;
}

/**
 * The given run of an output folder; else the newest finished one, else the newest.
 * @throws USAGE for a run that is not there, PLAN_MISMATCH
 */
export async function inspectRun(
  output: string,
  stores: Stores,
  wanted?: string,
): Promise<InspectedRun> {
  const store = stores.open(output);
  const runs = await runsIn(output, stores);
  if (wanted !== undefined && !runs.includes(wanted)) {
    throw new ShardmillError(
      'USAGE',
      `there is no run "${wanted}".${suggestion(wanted, runs, 'There are')}`,
      { where: output, remedy: 'Give --run with one of these, or leave it out for the last one.' },
    );
  }
  for (const runId of wanted === undefined ? runs : [wanted]) {
    const manifest = await readObject(store, manifestKey(runId), manifestSchema);
    if (manifest === undefined) continue;
    return {
      kind: 'run',
      output,
      manifestPath: store.locate(manifestKey(runId)),
      manifest: await withTableVersion(store, manifest),
      plan: (await readObject(store, planKey(runId), planSchema)) ?? null,
      otherRuns: runs.filter((id) => id !== runId),
    };
  }
  return unfinished(store, output, wanted ?? runs[0] ?? '');
}

/** A manifest by its location: `…/_shardmill/<runId>/manifest.json`, or a copy anywhere. */
export async function readManifest(file: string, stores: Stores): Promise<InspectedRun> {
  const { store, key } = stores.objectAt(file);
  const text = new TextDecoder().decode((await store.read(key)) ?? new Uint8Array());
  const manifest = parse(text, file, manifestSchema);
  const folder = parentLocation(file);
  const output = parentLocation(parentLocation(folder));
  const inPlace = stores.open(output).locate(manifestKey(manifest.runId)) === file;
  if (inPlace) return inspectRun(output, stores, manifest.runId);
  return {
    kind: 'run',
    output: folder,
    manifestPath: file,
    manifest,
    plan: null,
    otherRuns: [],
  };
}

async function unfinished(
  store: ObjectStore,
  output: string,
  runId: string,
): Promise<InspectedRun> {
  const plan = await readObject(store, planKey(runId), planSchema);
  if (plan === undefined) {
    throw new ShardmillError('PLAN_MISMATCH', `the plan of run ${runId} is gone`, {
      where: output,
    });
  }
  let rows = NO_ROWS;
  let rejectedReasons: RejectedReasons = {};
  let work = NO_WORK;
  let shardsDone = 0;
  for await (const { key } of store.list(shardRecordsPrefix(runId))) {
    const record = await readObject(store, key, shardRecordSchema);
    if (record === undefined) continue;
    shardsDone++;
    rows = addRowCounts(rows, record.rows);
    rejectedReasons = mergeReasons(rejectedReasons, record.rejectedReasons);
    work = addWork(work, workOf(record));
  }
  let partsWritten = 0;
  const divided = plan.scoring.output.partitionBy !== undefined;
  const parts = divided ? partIndexPrefix(runId) : runParts(runId);
  for await (const _part of store.list(parts)) partsWritten++;
  const quality = await readObject(store, qualityKey(runId), qualityRecordSchema);
  return {
    kind: 'unfinished-run',
    output,
    plan,
    shardsDone,
    partsWritten,
    rows,
    rejectedReasons,
    work,
    ...(quality !== undefined && { outcomes: quality.outcomes }),
  };
}

/** The part of a zod schema that is needed. */
interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

/** A stored object, or undefined where there is none. @throws PLAN_MISMATCH */
export async function readObject<T>(
  store: ObjectStore,
  key: string,
  schema: Schema<T>,
): Promise<T | undefined> {
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  return parse(new TextDecoder().decode(bytes), store.locate(key), schema);
}

function parse<T>(text: string, where: string, schema: Schema<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ShardmillError('PLAN_MISMATCH', 'this is not JSON', { where, cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ShardmillError('PLAN_MISMATCH', 'this version cannot read it', {
    where,
    cause: parsed.error,
  });
}
