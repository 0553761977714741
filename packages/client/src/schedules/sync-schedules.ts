import path from 'node:path';
import { mapConcurrent, ShardmillError } from '@shardmill/core';
import type { StoredSchedule } from '@shardmill/scheduler';
import { listDefinitions } from '../find-job.js';
import type { Fleet } from '../fleet/fleet.js';
import { loadJob } from '../load-job.js';
import { removeSchedule, storeSchedule } from './change-schedules.js';
import { differingPlaces } from './differing-places.js';
import { scheduledWork } from './scheduled-work.js';
import { scheduleStores } from './schedules.js';

export interface SyncOptions {
  /** Remove schedules whose job is not in the folder any more. */
  readonly prune?: boolean | undefined;
  /** Change nothing, and say what would be. */
  readonly dryRun?: boolean | undefined;
}

/** What happened to one schedule, or would. */
export interface SyncedSchedule {
  readonly name: string;
  readonly outcome: 'added' | 'changed' | 'unchanged' | 'removed' | 'kept';
  /** The definition; null of what is not in the folder. */
  readonly file: string | null;
  /** Places that are not as they were, such as `job.schedule.cron`. */
  readonly changes: readonly string[];
  readonly notices: readonly string[];
}

const AT_ONCE = 8;

/**
 * Makes the schedules those of the jobs in a folder. Every definition is read and checked before
 * the first change, so that a fault in one leaves all as they are.
 * @throws JOB_…, PARAMETER_…, TEMPLATE_INVALID; USAGE where two jobs have one name
 */
export async function syncSchedules(
  fleet: Fleet,
  folder: string,
  options: SyncOptions,
  cwd: string,
): Promise<SyncedSchedule[]> {
  const { registry } = scheduleStores(fleet);
  const now = new Date();
  const files = listDefinitions(path.resolve(cwd, folder));
  const all = await mapConcurrent(files, AT_ONCE, (file) => loadJob(file, cwd));
  const wanted = all.filter(({ job }) => job.schedule !== undefined);
  refuseTwins(wanted.map(({ job, file }) => ({ name: job.name, file })));
  const prepared = wanted.map((loaded) => scheduledWork(loaded, {}, cwd, now));
  const names = new Set(prepared.map(({ name }) => name));
  const others = [...(await registry.versions()).keys()].filter((name) => !names.has(name));
  const known = await mapConcurrent([...names, ...others], AT_ONCE, (name) => registry.find(name));
  const there = new Map(
    known.flatMap((found) => (found === undefined ? [] : [[found.name, found]])),
  );

  const synced: SyncedSchedule[] = [];
  for (const schedule of prepared) {
    const { name, work, notices } = schedule;
    const before = there.get(name);
    const changes = before === undefined ? [] : differingPlaces(storedWork(before), asStored(work));
    const outcome = before === undefined ? 'added' : changes.length > 0 ? 'changed' : 'unchanged';
    if (options.dryRun !== true) await storeSchedule(fleet, schedule);
    synced.push({ name, outcome, file: work.jobFile, changes, notices });
  }
  for (const name of others) {
    if (!there.has(name)) continue;
    const outcome = options.prune === true ? 'removed' : 'kept';
    if (outcome === 'removed' && options.dryRun !== true) await removeSchedule(fleet, name);
    synced.push({ name, outcome, file: null, changes: [], notices: [] });
  }
  return synced.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** As JSON has it, so that what is undefined is no difference. */
const asStored = (work: StoredSchedule['work']): unknown => {
  const { transform, ...job } = work.job;
  const columns = transform === undefined ? {} : { transform: { ...transform, apply: undefined } };
  return JSON.parse(JSON.stringify({ ...work, job: { ...job, ...columns } }));
};
const storedWork = ({ work }: StoredSchedule): unknown => asStored(work);

function refuseTwins(jobs: readonly { readonly name: string; readonly file: string }[]): void {
  const first = new Map<string, string>();
  for (const { name, file } of jobs) {
    const other = first.get(name);
    if (other !== undefined) {
      throw new ShardmillError('USAGE', `two jobs have the name "${name}"`, {
        where: `${other} and ${file}`,
        remedy: 'Give one of them another name: a schedule has the name of its job.',
      });
    }
    first.set(name, file);
  }
}
