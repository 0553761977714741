import {
  type Manifest,
  manifestKey,
  type ObjectStore,
  planKey,
  runOfPart,
  runOfPlan,
  STATE_PREFIX,
  SUCCESS_KEY,
  tableNoteKey,
} from '@shardmill/core';
import { parseJson, withTableVersion } from '@shardmill/core/plans';
import { manifestSchema } from '@shardmill/core/schemas';
import { z } from 'zod';
import { LOG_PREFIX } from '../delta/log/log-files.js';

/** What lies in an output location, by names alone. */
export interface Location {
  /** Runs of which there is a plan, by id; ids of one form sort by time. */
  readonly runs: readonly {
    readonly runId: string;
    readonly hasManifest: boolean;
    /** Whether it is noted to be in the table that its output is. */
    readonly inTable: boolean;
  }[];
  /** Visible parts by the run that wrote them, whether or not its plan is there. */
  readonly partsByRun: ReadonlyMap<string, number>;
  /** Visible files that are not Shardmill's: how many, the first few, and the Parquet among them. */
  readonly foreign: Names;
  readonly foreignParquet: Names;
  /** The run that `_SUCCESS` names; null where it names none, undefined where it is not there. */
  readonly success: string | null | undefined;
  /** Whether it is the folder of a table of Delta Lake. */
  readonly table: boolean;
}
export interface Names {
  readonly count: number;
  readonly some: readonly string[];
}

/** Lists an output location. */
export async function readLocation(store: ObjectStore): Promise<Location> {
  const plans: string[] = [];
  const notes = new Set<string>();
  const partsByRun = new Map<string, number>();
  const [foreign, foreignParquet] = [new NameList(), new NameList()];
  let [hasSuccess, table] = [false, false];
  for await (const { key } of store.list('')) {
    if (key === SUCCESS_KEY) hasSuccess = true;
    else if (key.startsWith(LOG_PREFIX)) table = true;
    else if (key.startsWith(STATE_PREFIX)) {
      const runId = runOfPlan(key);
      if (runId !== undefined) plans.push(runId);
      if (/\/(manifest|table)\.json$/.test(key)) notes.add(key);
    } else if (!key.split('/').some((name) => /^[_.]/.test(name))) {
      const runId = runOfPart(key);
      if (runId !== undefined) partsByRun.set(runId, (partsByRun.get(runId) ?? 0) + 1);
      else {
        foreign.add(key);
        if (/\.parq(uet)?$/i.test(key)) foreignParquet.add(key);
      }
    }
  }
  const runs = plans.map((runId) => ({
    runId,
    hasManifest: notes.has(manifestKey(runId)),
    inTable: notes.has(tableNoteKey(runId)),
  }));
  const success = hasSuccess ? await readSuccess(store) : undefined;
  return { runs, partsByRun, foreign, foreignParquet, success, table };
}

class NameList implements Names {
  count = 0;
  readonly some: string[] = [];

  add(name: string): void {
    this.count++;
    if (this.some.length < 3) this.some.push(name);
  }
}

const successSchema = z.object({ runId: z.string() });

/** The run that `_SUCCESS` names; null where another program wrote it; undefined where it is not there. */
export async function readSuccess(store: ObjectStore): Promise<string | null | undefined> {
  const bytes = await store.read(SUCCESS_KEY);
  if (bytes === undefined) return undefined;
  const parsed = successSchema.safeParse(parseJson(bytes));
  return parsed.success ? parsed.data.runId : null;
}

/** The manifest of a run, or undefined where there is none that this version can read. */
export async function findManifest(
  store: ObjectStore,
  runId: string,
): Promise<Manifest | undefined> {
  const bytes = await store.read(manifestKey(runId));
  if (bytes === undefined) return undefined;
  const parsed = manifestSchema.safeParse(parseJson(bytes));
  return parsed.success ? withTableVersion(store, parsed.data) : undefined;
}

const planHeadSchema = z.object({
  runId: z.string(),
  createdAt: z.string(),
  digest: z.string(),
  mode: z.string(),
  job: z.object({ params: z.record(z.string(), z.string()) }).optional(),
  scoring: z.object({ output: z.object({ table: z.string().optional() }) }).optional(),
});
export type PlanHead = z.output<typeof planHeadSchema>;

/** What decides about a run that is there, even where another version wrote its plan. */
export async function findPlanHead(
  store: ObjectStore,
  runId: string,
): Promise<PlanHead | undefined> {
  const bytes = await store.read(planKey(runId));
  const parsed = planHeadSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
  return parsed.success ? parsed.data : undefined;
}
