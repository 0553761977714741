import { type Manifest, mapConcurrent, type Plan, type Stores } from '@shardmill/core';
import { findManifest } from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';
import { runsIn } from '../inspect/inspect-run.js';
import type { PastRun } from './estimate-run.js';

/** Past runs that an estimate is made of. */
const MAX_RUNS = 5;
/** Runs that are looked at to find them, the latest first. */
const MAX_LOOKED_AT = 200;
const AT_ONCE = 8;

/** Which runs are like the one of a plan. */
interface Likeness {
  readonly job: string;
  readonly modelSha256: string;
  /** The pool whose workers scored it; null for runs on one machine. */
  readonly pool: string | null;
}

/** A plan as far as past runs are compared with it. */
interface PlanToCompare {
  readonly job: Pick<Plan['job'], 'name'>;
  readonly scoring: {
    readonly output: Pick<Plan['scoring']['output'], 'uri'>;
    readonly model: Pick<Plan['scoring']['model'], 'sha256'>;
  };
}

/** Where the runs of a fleet are looked up. */
export type FleetRuns = Pick<Fleet, 'registry' | 'stores'>;

/** Runs of the same job and model on one machine that the output location has manifests of. @throws STORE_… */
export async function pastRunsHere(stores: Stores, plan: PlanToCompare): Promise<PastRun[]> {
  const { uri } = plan.scoring.output;
  const store = stores.open(uri);
  const like = likenessOf(plan, null);
  const runs = (await runsIn(uri, stores)).slice(0, MAX_LOOKED_AT);
  return firstFound(runs, async (run) =>
    pastRunOf(await findManifest(store, run), { run, output: store.uri }, like),
  );
}

/** Runs of the same job and model on a pool, from the log of runs and their manifests. @throws STORE_… */
export async function pastRunsOfFleet(
  fleet: FleetRuns,
  plan: PlanToCompare,
  pool: string,
): Promise<PastRun[]> {
  const like = likenessOf(plan, pool);
  const ids: string[] = [];
  for await (const id of fleet.registry.list()) if (ids.push(id) === MAX_LOOKED_AT) break;
  return firstFound(ids, async (id) => {
    const run = await fleet.registry.find(id);
    if (run?.phase !== 'finished' || run.request.job.name !== like.job) return undefined;
    if (run.request.job.resources.pool !== pool) return undefined;
    const store = fleet.stores.open(run.request.job.output.uri);
    const manifest = await findManifest(store, run.planRun ?? id);
    return pastRunOf(manifest, { run: id, output: store.uri }, like);
  });
}

const likenessOf = ({ job, scoring }: PlanToCompare, pool: string | null): Likeness => ({
  job: job.name,
  modelSha256: scoring.model.sha256,
  pool,
});

/** @returns undefined for a run of something else, and for one whose records do not say how long it took. */
function pastRunOf(
  manifest: Manifest | undefined,
  where: Pick<PastRun, 'run' | 'output'>,
  { job, modelSha256, pool }: Likeness,
): PastRun | undefined {
  if (manifest?.usage === undefined || manifest.usage.pool !== pool) return undefined;
  if (manifest.job.name !== job || manifest.model.sha256 !== modelSha256) return undefined;
  const { finishedAt, parts, usage } = manifest;
  const rows = parts.reduce((sum, part) => sum + part.rows.read, 0);
  return { ...where, finishedAt, rows, workerSeconds: usage.workerSeconds };
}

/** The first few that are found, in the order of the ids. */
async function firstFound(
  ids: readonly string[],
  find: (id: string) => Promise<PastRun | undefined>,
): Promise<PastRun[]> {
  const found: PastRun[] = [];
  for (let from = 0; from < ids.length && found.length < MAX_RUNS; from += AT_ONCE) {
    const some = await mapConcurrent(ids.slice(from, from + AT_ONCE), AT_ONCE, find);
    found.push(...some.filter((past) => past !== undefined));
  }
  return found.slice(0, MAX_RUNS);
}
