import {
  allowedRejects,
  canonicalJson,
  checkColumns,
  describeChallengers,
  frequentReasons,
  MANIFEST_FORMAT,
  type Manifest,
  manifestKey,
  type ManifestQuality,
  type ObjectStore,
  type Plan,
  type ProfileState,
  type QueryProfile,
  type RejectedReasons,
  type RowCounts,
  rejectedKey,
  ShardmillError,
  summarizeStatistics,
  formatShare,
} from '@shardmill/core';
import { noteTable } from '@shardmill/core/plans';
import { driftOf, manifestDrift } from '../drift/run-drift.js';
import { findManifest } from '../output/read-location.js';
import type { RunHistory } from '../quality/history/run-history.js';
import { type JudgeRequest, judgeRun } from '../quality/judge-run.js';
import { announceSuccess } from './announce-success.js';
import { type CollectedRecords, collectRecords } from './collect-records.js';
import { overBudgetRemedy } from './over-budget-remedy.js';
import { checkpointTable } from './table/checkpoint-table.js';
import { commitTable, type TableCommitRequest } from './table/commit-table.js';
import { computedColumns } from './computed-columns.js';
import { profileOf, storeProfile } from './store-profile.js';
import { type UsageFacts, usageOf } from './usage.js';

export interface FinalizeRequest {
  readonly store: ObjectStore;
  readonly plan: Plan;
  /** A count, or a percentage of all rows of the input. */
  readonly maxRejectedRows: string | number;
  readonly now: Date;
  /** Versions of what made the result, for the manifest. */
  readonly versions: Readonly<Record<string, string>>;
  /** Seconds by stage that shard records do not know, such as `plan` and `total`. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Whose workers scored it, and the price of their time; nothing is noted of it where left out. */
  readonly usage?: UsageFacts | undefined;
  /** Reads checkpoints of a table that is written; see `TableCommitRequest`. */
  readonly readCheckpoint?: TableCommitRequest['readCheckpoint'];
  readonly describePart?: TableCommitRequest['describePart'];
  readonly checkpoints?: TableCommitRequest['checkpoints'];
  /** Where finished runs of each job are noted, to compare later ones with. */
  readonly history?: RunHistory | undefined;
  /** Called with the outcomes of checks and drift where this process has noted them: once for a run. */
  readonly judged?: JudgeRequest['judged'];
  /** Runs the SQL of checks, apart from this process. */
  readonly queryProfile?: QueryProfile | undefined;
  /** The run by its id in the log of runs; undefined where it is run on one machine. */
  readonly fleetRun?: string | undefined;
}

/**
 * Completes a run of which every shard has a record: checks that every row is accounted for and
 * the budget of rejected rows, judges the result, then writes the profile and the manifest, commits to the table that the output may be,
 * removes what an overwriting run replaces, and writes `_SUCCESS` last. After a crash anywhere, calling it again comes to the same end; a
 * manifest that is there is adopted. One that comes so late that another run has begun at the
 * location changes nothing there.
 * @throws SHARDS_FAILED, PLAN_MISMATCH, ROW_ACCOUNTING, REJECTED_OVER_BUDGET, CHECKS_FAILED, OUTPUT_CONFLICT, TABLE_…
 */
export async function finalizeRun(request: FinalizeRequest): Promise<Manifest> {
  return commitManifest(request, await prepareManifest(request));
}

/**
 * The manifest that the run has or should have, with all that is to be checked before it is
 * written. Nothing is written but what the checks of the job came to, and the profile where they fail.
 * @throws as `finalizeRun`
 */
export async function prepareManifest(request: FinalizeRequest): Promise<PreparedManifest> {
  const { store, plan } = request;
  const existing = await adoptManifest(store, plan);
  if (existing !== undefined) return { manifest: existing, profile: undefined };
  const records = await collectRecords(store, plan);
  const rows = withPruned(records.rows, plan.totals.prunedRows);
  refuseOverBudget(rows, records, request);
  const quality = await judge(request, records, rows);
  const drift = await driftOf(store, plan, () => profileOf(plan, records.profile));
  const manifest = toManifest(request, records, rows);
  return {
    manifest: {
      ...manifest,
      ...(quality !== undefined && { quality }),
      ...(drift !== undefined && { drift: manifestDrift(drift) }),
    },
    profile: records.profile,
  };
}

/** The profile of a run that fails its checks is stored: it is what is to be looked at. */
async function judge(
  { store, plan, maxRejectedRows, now, history, fleetRun, queryProfile, judged }: FinalizeRequest,
  { statistics, profile, keys }: CollectedRecords,
  rows: RowCounts,
): Promise<ManifestQuality | undefined> {
  const rejectedBudget = maxRejectedRows;
  const facts = {
    store,
    plan,
    rows,
    statistics,
    profile,
    keys,
    rejectedBudget,
    now,
    history,
    fleetRun,
    queryProfile,
    judged,
  };
  try {
    return await judgeRun(facts);
  } catch (error) {
    if (error instanceof ShardmillError && error.code === 'CHECKS_FAILED') {
      await storeProfile(store, plan, profile);
    }
    throw error;
  }
}

/** What is written at the end of a run. */
export interface PreparedManifest {
  readonly manifest: Manifest;
  /** What becomes the profile; undefined where there is none, or where it is written already. */
  readonly profile: ProfileState | undefined;
}

/**
 * Writes the profile and a manifest, if none is there, and what follows on it: the commit to the table that the
 * output is, `_SUCCESS`, and the checkpoint of the table that may be due.
 * @throws PLAN_MISMATCH, TABLE_…
 */
export async function commitManifest(
  request: TableCommitRequest & Pick<FinalizeRequest, 'history'>,
  prepared: PreparedManifest,
): Promise<Manifest> {
  const { store, plan, history } = request;
  const manifest =
    (await adoptManifest(store, plan)) ?? (await writeManifest(store, plan, prepared));
  const format = plan.scoring.output.table;
  const commit = format === undefined ? undefined : await commitTable(request, manifest);
  if (commit !== undefined) await noteTable(store, plan.runId, commit.version);
  if (isPartOfHistory(plan)) await history?.record(manifest, store.uri);
  await announceSuccess(store, plan);
  if (format === undefined || commit === undefined) return manifest;
  // The result is there already, and does not wait for a checkpoint.
  if (request.checkpoints !== undefined) {
    await checkpointTable(commit, store, request.checkpoints, request.now);
  }
  const { version } = commit;
  return { ...manifest, table: { format, ...(version !== undefined && { version }) } };
}

/** Later runs are compared with those of jobs with checks. A trial has other numbers of rows. */
function isPartOfHistory({ checks, totals }: Plan): boolean {
  return checks !== undefined && (totals.leftOutRows ?? 0) === 0;
}

async function writeManifest(
  store: ObjectStore,
  plan: Plan,
  { manifest, profile: state }: PreparedManifest,
): Promise<Manifest> {
  const profile = await storeProfile(store, plan, state);
  const prepared = { ...manifest, ...(profile !== undefined && { profile }) };
  const content = Buffer.from(canonicalJson(prepared));
  const created = await store.create(manifestKey(plan.runId), content);
  return created === 'created' ? prepared : ((await adoptManifest(store, plan)) ?? prepared);
}

async function adoptManifest(store: ObjectStore, plan: Plan): Promise<Manifest | undefined> {
  const key = manifestKey(plan.runId);
  if ((await store.head(key)) === undefined) return undefined;
  const manifest = await findManifest(store, plan.runId);
  if (manifest?.planDigest === plan.digest) return manifest;
  throw new ShardmillError(
    'PLAN_MISMATCH',
    manifest === undefined
      ? 'the manifest cannot be read'
      : `the manifest is of plan ${manifest.planDigest.slice(0, 12)}, expected ${plan.digest.slice(0, 12)}`,
    { where: store.locate(key) },
  );
}

/** Rows that statistics ruled out were filtered, though they were not read. */
function withPruned(rows: RowCounts, pruned: number): RowCounts {
  return { ...rows, read: rows.read + pruned, filtered: rows.filtered + pruned };
}

function refuseOverBudget(
  rows: RowCounts,
  { rejected: { length: objects }, rejectedReasons }: CollectedRecords,
  { store, plan, maxRejectedRows }: FinalizeRequest,
): void {
  const allowed = allowedRejects(maxRejectedRows, rows.read);
  if (rows.rejected <= allowed) return;
  const folder = rejectedKey(plan.runId, 0, 0).replace(/[^/]+$/, '');
  const share = formatShare(rows.rejected, rows.read);
  const budget =
    typeof maxRejectedRows === 'string' && maxRejectedRows.includes('%')
      ? `${allowed} (${maxRejectedRows})`
      : String(allowed);
  throw new ShardmillError(
    'REJECTED_OVER_BUDGET',
    `${rows.rejected} of ${rows.read} rows (${share}) were rejected, allowed are ${budget}; ` +
      `they are kept with their reasons in ${objects} file${objects === 1 ? '' : 's'}${mostOfThem(rejectedReasons)}`,
    {
      where: `${store.uri}/${folder}`,
      remedy: overBudgetRemedy(rejectedReasons, plan.scoring),
    },
  );
}

/** Why, for the most of them. */
function mostOfThem(reasons: RejectedReasons | undefined): string {
  const some = frequentReasons(reasons)
    .slice(0, 2)
    .map(([reason, rows]) => `${rows} for: ${reason}`);
  return some.length === 0 ? '' : `; ${some.join('; ')}`;
}

function toManifest(
  { plan, maxRejectedRows, now, versions, seconds, usage }: FinalizeRequest,
  records: CollectedRecords,
  rows: RowCounts,
): Manifest {
  const { model, output } = plan.scoring;
  const checks = checkColumns(records.statistics, computedColumns(plan.scoring));
  return {
    format: MANIFEST_FORMAT,
    runId: plan.runId,
    planDigest: plan.digest,
    job: plan.job,
    createdAt: plan.createdAt,
    finishedAt: now.toISOString(),
    rows,
    rejectedBudget: maxRejectedRows,
    model: { uri: model.uri, sha256: model.sha256, ...plan.release },
    ...(records.challengers !== undefined && {
      challengers: describeChallengers(plan, records.challengers),
    }),
    schema: output.columns.map(({ name, type }) => ({ name, type })),
    ...(output.partitionBy !== undefined && { partitionBy: output.partitionBy }),
    ...(output.table !== undefined && { table: { format: output.table } }),
    parts: records.parts,
    rejected: records.rejected,
    ...(records.rejectedReasons !== undefined && { rejectedReasons: records.rejectedReasons }),
    bytes: records.parts.reduce((sum, part) => sum + part.bytes, 0),
    statistics: Object.fromEntries(
      Object.entries(records.statistics).map(([name, column]) => [
        name,
        { ...summarizeStatistics(column) },
      ]),
    ),
    ...(checks.length > 0 && { checks }),
    seconds: { ...records.seconds, ...seconds },
    ...(usage && records.work && { usage: usageOf(records.work, usage) }),
    versions: { ...versions },
  };
}
