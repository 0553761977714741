import {
  allowedRejects,
  canonicalJson,
  MANIFEST_FORMAT,
  type Manifest,
  manifestKey,
  type ObjectStore,
  type Plan,
  type RowCounts,
  rejectedKey,
  ShardmillError,
  SUCCESS_KEY,
  summarizeStatistics,
} from '@shardmill/core';
import { findManifest, readSuccess } from '../output/read-location.js';
import { type CollectedRecords, collectRecords } from './collect-records.js';
import { removeEarlierRuns } from './remove-earlier-runs.js';

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
}

/**
 * Completes a run of which every shard has a record: checks that every row is accounted for and
 * the budget of rejected rows, then writes the manifest, removes what an overwriting run replaces,
 * and writes `_SUCCESS` last. After a crash anywhere, calling it again comes to the same end; a
 * manifest that is there is adopted.
 * @throws SHARDS_FAILED, PLAN_MISMATCH, ROW_ACCOUNTING, REJECTED_OVER_BUDGET, OUTPUT_CONFLICT
 */
export async function finalizeRun(request: FinalizeRequest): Promise<Manifest> {
  const { store, plan } = request;
  const manifest = (await adoptManifest(store, plan)) ?? (await writeManifest(request));
  if ((await readSuccess(store)) === plan.runId) return manifest;
  if (plan.mode === 'overwrite') await removeEarlierRuns(store, plan.runId);
  const success = { runId: plan.runId, manifest: manifestKey(plan.runId) };
  await store.replace(SUCCESS_KEY, Buffer.from(`${canonicalJson(success)}\n`));
  return manifest;
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
    { where: `${store.uri}/${key}` },
  );
}

async function writeManifest(request: FinalizeRequest): Promise<Manifest> {
  const { store, plan } = request;
  const records = await collectRecords(store, plan);
  const rows = withPruned(records.rows, plan.totals.prunedRows);
  refuseOverBudget(rows, records.rejected.length, request);
  const manifest = toManifest(request, records, rows);
  const created = await store.create(manifestKey(plan.runId), Buffer.from(canonicalJson(manifest)));
  if (created === 'created') return manifest;
  return (await adoptManifest(store, plan)) ?? manifest;
}

/** Rows that statistics ruled out were filtered, though nobody read them. */
function withPruned(rows: RowCounts, pruned: number): RowCounts {
  return { ...rows, read: rows.read + pruned, filtered: rows.filtered + pruned };
}

function refuseOverBudget(
  rows: RowCounts,
  objects: number,
  { store, plan, maxRejectedRows }: FinalizeRequest,
): void {
  const allowed = allowedRejects(maxRejectedRows, rows.read);
  if (rows.rejected <= allowed) return;
  const folder = rejectedKey(plan.runId, 0, 0).replace(/[^/]+$/, '');
  const share = ((100 * rows.rejected) / rows.read).toPrecision(2);
  const budget =
    typeof maxRejectedRows === 'string' && maxRejectedRows.includes('%')
      ? `${allowed} (${maxRejectedRows})`
      : String(allowed);
  throw new ShardmillError(
    'REJECTED_OVER_BUDGET',
    `${rows.rejected} of ${rows.read} rows (${share}%) were rejected, allowed are ${budget}; ` +
      `they are kept with their reasons in ${objects} file${objects === 1 ? '' : 's'}`,
    { where: `${store.uri}/${folder}` },
  );
}

function toManifest(
  { plan, maxRejectedRows, now, versions, seconds }: FinalizeRequest,
  records: CollectedRecords,
  rows: RowCounts,
): Manifest {
  const { model, output } = plan.scoring;
  return {
    format: MANIFEST_FORMAT,
    runId: plan.runId,
    planDigest: plan.digest,
    job: plan.job,
    createdAt: plan.createdAt,
    finishedAt: now.toISOString(),
    rows,
    rejectedBudget: maxRejectedRows,
    model: { uri: model.uri, sha256: model.sha256 },
    schema: output.columns.map(({ name, type }) => ({ name, type })),
    parts: records.parts,
    rejected: records.rejected,
    bytes: records.parts.reduce((sum, part) => sum + part.bytes, 0),
    statistics: Object.fromEntries(
      Object.entries(records.statistics).map(([name, column]) => [
        name,
        { ...summarizeStatistics(column) },
      ]),
    ),
    seconds: { ...records.seconds, ...seconds },
    versions: { ...versions },
  };
}
