import path from 'node:path';
import {
  type Baseline,
  type BoundJob,
  type Column,
  digestJson,
  digestPlan,
  planReader,
  isS3,
  type Job,
  type JobBinder,
  type ParameterValues,
  PLAN_FORMAT,
  type Plan,
  type PlannedProfile,
  type PlannedShard,
  type PlanPage,
  type PlanTotals,
  parseBytes,
  planProfile,
  rankEveryOf,
  resolveLocation,
  ShardmillError,
  SHARDS_PER_PAGE,
  type Stores,
  whyNotMode,
} from '@shardmill/core';
import { requireTarget } from '../delta/target/read-target.js';
import { planRunDrift } from '../drift/plan-run-drift.js';
import {
  aboutRelease,
  checkWeights,
  type PinnedReleases,
  releaseOf,
} from '../models/resolve-model.js';
import { type BoundInput, bindInput } from './bind-input.js';
import { planChecks } from '../quality/plan-checks.js';
import { choosePartSize, type PartSizeRequest } from './split/choose-part-size.js';
import { estimateOutput } from './split/estimate-output.js';
import { forecastRejects } from './columns/forecast-rejects.js';
import { checkFiles, checkRules, type JobRules } from './job-rules.js';
import { type InputListing, listInput } from './list/list-input.js';
import { refuseOutputInsideInput } from './list/output-inside-input.js';
import { splitShards } from './split/split-shards.js';
import { type RowSelection, takeRows } from './split/take-rows.js';
import { untilAborted } from './list/until-aborted.js';

export interface MakePlanRequest extends PinnedReleases {
  /** With parameters filled in. */
  readonly job: Job;
  /** Absolute path of the definition; relative locations start at its folder. */
  readonly jobFile: string;
  readonly params: ParameterValues;
  readonly runId: string;
  readonly now: Date;
  readonly binder: JobBinder;
  /** For the input; the binder reaches the model by itself. */
  readonly stores: Stores;
  /** The command that goes on with the run, where there is one. */
  readonly command?: string | undefined;
  /** What the configuration demands of jobs. */
  readonly rules?: JobRules | undefined;
  /** Instead of the job's, for the forecast. */
  readonly maxRejectedRows?: string | number | undefined;
  /** All rows where left out. */
  readonly selection?: RowSelection | undefined;
  /** What the run is compared with, where that was made for it. */
  readonly baseline?: Baseline | undefined;
  /** Ends the listing and the reading of footers, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface MadePlan {
  readonly plan: Plan;
  readonly pages: readonly PlanPage[];
  /** The profile that `plan.drift` names, as the run keeps it. */
  readonly baseline?: string | undefined;
}

/**
 * Plans a run: pins the input files and the model, rules out row groups, splits the rest into
 * shards. Of the input only names and footers are read; nothing is written.
 * @throws INPUT_…, TABLE_…, STORE_…, OUTPUT_INSIDE_INPUT, OUTPUT_EXISTS, LOCATION_FORBIDDEN, MODEL_SHA256_MISSING,
 * MODEL_VERSION_CHANGED, PROFILE_FEATURE_UNKNOWN, CHECK_…, DRIFT_…, and what
 * the binder throws.
 */
export async function makePlan(request: MakePlanRequest): Promise<MadePlan> {
  const { job, jobFile, binder, stores, signal, rules = {}, release } = request;
  await checkRules(rules, job, jobFile, stores);
  const base = path.dirname(jobFile);
  const output = resolveLocation(job.output.uri, base);
  const { uri, hivePartitioning, version, timestamp } = job.input;
  const listing = await listInput({
    stores,
    uri,
    base,
    hivePartitioning,
    version: { version, timestamp },
    readCheckpoint: (file) => binder.readCheckpoint(file),
    signal,
  });
  await checkFiles(rules, job, listing);
  await refuseOutputInsideInput(listing, output, job.output.partitionBy);
  const read = untilAborted(planReader(stores), signal);
  const bound = await bindInput({
    job,
    bind: (columns) => binder.bindJob({ job, jobFile, columns }),
    describeInput: (file) => binder.describeInput(file),
    listing,
    read,
  }).catch((error: unknown) => {
    throw release === undefined ? error : aboutRelease(error, release);
  });
  if (release !== undefined) checkWeights(release, bound.bound.model);
  await checkTable(request, output, bound.bound.outputColumns);
  const taken = takeRows(bound.files, request.selection);
  const input = { ...bound, files: taken.files };
  const partSize = choosePartSize({
    given: job.plan.partRows,
    work: input.bound.work,
    files: { columns: input.bound.outputColumns, partitionBy: job.output.partitionBy },
    input: {
      rows: sum(input.files, ({ kept }) => sum(kept, ({ rows }) => rows)),
      bytes: sum(input.files, ({ bytesToRead }) => bytesToRead),
      rowGroups: sum(input.files, ({ kept }) => kept.length),
    },
    target: fileTarget(job, input),
  });
  const { shardParts } = job.plan;
  const files = filesToSplit(listing, input);
  const mixed = partSize.target !== undefined;
  const shards = splitShards(files, { partRows: partSize.rows, shardParts, mixed });
  const pages = toPages(shards);
  const totals = totalsOf(listing, input, shards, taken.leftOut);
  const plan = describe(request, listing, input, totals, pages, output);
  const profile = planProfile(profiledFor(job), input.bound.features, totals.rows);
  const checks = planChecks(job.checks, {
    scoring: plan.scoring,
    profile,
    isTrial: request.selection !== undefined,
    newestInput: newestOf(listing.files),
  });
  const planned = { ...plan, partSize, profile, ...(checks !== undefined && { checks }) };
  return { ...(await withDrift(request, planned)), pages };
}

/** What is compared has a profile, whether the job asks for one or not. */
function profiledFor({ profile, drift }: Job): Job['profile'] {
  if (drift?.features !== true || (profile?.features ?? false) !== false) return profile;
  return { rows: 'sample', ...profile, features: true };
}

/** The plan with what the run is compared with, and that itself. */
async function withDrift(
  { job, jobFile, stores, selection, baseline }: MakePlanRequest,
  plan: Plan & { readonly profile: PlannedProfile },
): Promise<Omit<MadePlan, 'pages'>> {
  if (job.drift === undefined) return { plan };
  const base = path.dirname(jobFile);
  const { planned, kept, notices } = await planRunDrift(
    job.drift,
    { ...plan, isTrial: selection !== undefined },
    { stores, base, output: plan.scoring.output.uri, jobName: job.name },
    baseline,
  );
  return {
    plan: { ...plan, drift: planned, notices: [...plan.notices, ...notices] },
    baseline: kept,
  };
}

/** When the newest file was written; undefined where the store does not say. */
function newestOf(files: InputListing['files']): string | undefined {
  const newest = files.reduce((last, { modifiedMs = 0 }) => Math.max(last, modifiedMs), 0);
  return newest === 0 ? undefined : new Date(newest).toISOString();
}

/** Refuses a table that the result could not be committed to. */
async function checkTable(
  { job, binder, stores, signal }: MakePlanRequest,
  output: string,
  columns: readonly Column[],
): Promise<void> {
  const { mode, table, partitionBy } = job.output;
  // A mode that was given beside the job, as a schedule is triggered with.
  const fault = whyNotMode(job.output);
  if (fault !== undefined) throw new ShardmillError('JOB_INVALID', `output.mode: ${fault}`);
  if (table === undefined) return;
  if (isS3(output) && stores.options.s3?.conditionalWrites === 'unchecked') {
    throw new ShardmillError(
      'STORE_UNSUPPORTED',
      "a table needs a store that creates an object only if it does not exist, and s3.conditionalWrites is 'unchecked'",
      { where: output },
    );
  }
  const store = stores.open(output);
  const readCheckpoint: JobBinder['readCheckpoint'] = (file) => binder.readCheckpoint(file);
  await requireTarget({ store, readCheckpoint, signal }, { mode, columns, partitionBy });
}

/** How large files are to be, and how many bytes a row is estimated to have in them. */
function fileTarget({ output }: Job, { bound, weights }: BoundInput): PartSizeRequest['target'] {
  const { targetFileBytes } = output;
  if (targetFileBytes === undefined) return undefined;
  return { fileBytes: parseBytes(targetFileBytes, 0), ...estimateOutput(bound, weights) };
}

function filesToSplit(listing: InputListing, input: BoundInput): Parameters<typeof splitShards>[0] {
  return listing.files.flatMap((listed, index) => {
    const scanned = input.files[index];
    if (scanned === undefined) return [];
    const { uri, bytes, etag, partition } = listed;
    const { rows, layout, kept } = scanned;
    return [
      { file: { uri, bytes, etag, rows, layout, partition: [...partition] }, rowGroups: kept },
    ];
  });
}

function toPages(shards: readonly PlannedShard[]): PlanPage[] {
  return Array.from({ length: Math.ceil(shards.length / SHARDS_PER_PAGE) }, (_, page) => ({
    shards: shards.slice(page * SHARDS_PER_PAGE, (page + 1) * SHARDS_PER_PAGE),
  }));
}

function describe(
  request: MakePlanRequest,
  listing: InputListing,
  input: BoundInput,
  totals: PlanTotals,
  pages: readonly PlanPage[],
  output: string,
): Plan {
  const { job, jobFile, params, runId, now, command, release, challengerReleases = {} } = request;
  const releases = Object.entries(challengerReleases).map(([name, one]) => [name, releaseOf(one)]);
  const uris = typeof job.input.uri === 'string' ? [job.input.uri] : job.input.uri;
  const decisive = {
    format: PLAN_FORMAT,
    inputUris: uris.map((uri) => resolveLocation(uri, path.dirname(jobFile))),
    scoring: scoringOf(job, input, listing, output, totals.rows),
    totals,
    pages: pages.map((page) => ({ shards: page.shards.length, sha256: digestJson(page) })),
  } as const;
  return {
    ...decisive,
    runId,
    createdAt: now.toISOString(),
    digest: digestPlan({ ...decisive, job }),
    job: { name: job.name, params: { ...params } },
    mode: job.output.mode,
    notices: [...listing.notices, ...input.notices, ...forecast(request, input, totals)],
    ...(command !== undefined && { command }),
    ...(release !== undefined && { release: releaseOf(release) }),
    ...(releases.length > 0 && { challengerReleases: Object.fromEntries(releases) }),
    ...(input.bound.columnUse !== undefined && { columnUse: input.bound.columnUse }),
    ...(listing.table !== undefined && {
      inputTable: { format: 'delta' as const, version: listing.table.version },
    }),
  };
}

/** A trial has no forecast: it is not known which of the rows have the nulls. */
function forecast(
  { job, selection, maxRejectedRows = job.errors.maxRejectedRows }: MakePlanRequest,
  { bound, nulls }: BoundInput,
  { rows }: PlanTotals,
): string[] {
  if (selection !== undefined) return [];
  return forecastRejects({
    counts: nulls,
    plain: bound.plain,
    nulls: job.nulls,
    maxRejectedRows,
    rows,
  });
}

function scoringOf(
  job: Job,
  { bound, columns, layouts }: BoundInput,
  listing: InputListing,
  output: string,
  rows: number,
): Plan['scoring'] {
  const { compression, rowGroupRows, table, partitionBy } = job.output;
  return {
    input: {
      columns: [...columns],
      used: [...bound.used],
      layouts: layouts.map((layout) => [...layout]),
      partitionColumns: [...listing.partitionColumns],
      where: bound.where,
    },
    ...pick(bound),
    nulls: job.nulls,
    ...(bound.challengers !== undefined && {
      challengers: bound.challengers.map((challenger) => ({
        ...challenger,
        rankEvery: rankEveryOf(rows * challenger.share),
      })),
    }),
    output: {
      uri: output,
      columns: bound.outputColumns,
      compression,
      rowGroupRows,
      ...(bound.origin === true && { origin: true as const }),
      ...(table !== undefined && { table }),
      ...(partitionBy !== undefined && { partitionBy }),
    },
  };
}

function pick({
  model,
  features,
  text,
  transform,
}: BoundJob): Pick<Plan['scoring'], 'model' | 'features' | 'text' | 'transform'> {
  return { model, features, ...(text !== undefined && { text }), transform };
}

function totalsOf(
  listing: InputListing,
  input: BoundInput,
  shards: readonly PlannedShard[],
  leftOut: number,
): PlanTotals {
  const rows = sum(shards, (shard) => shard.rows);
  return {
    files: listing.files.length,
    rowGroups: sum(input.files, (file) => file.rowGroups),
    rows,
    prunedRows: sum(input.files, (file) => file.rows) - rows - leftOut,
    ...(leftOut > 0 && { leftOutRows: leftOut }),
    // Row groups without a row are neither read nor ruled out.
    prunedRowGroups: sum(input.files, (file) => file.prunedRowGroups),
    shards: shards.length,
    parts: sum(shards, (shard) => shard.parts.length),
    bytes: sum(listing.files, (file) => file.bytes),
    bytesToRead: sum(input.files, (file) => file.bytesToRead),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
