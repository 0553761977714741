import path from 'node:path';
import { type ConfigDefinition, Stores } from '@shardmill/core';
import type { FleetProcess } from '@shardmill/queue';
import { storageOptions } from '../config/connection-options.js';
import type { ListedRun } from '../fleet/list-run.js';
import type { SubmitOptions } from '../fleet/submit-run.js';
import type { FleetSchedules } from './fleet-schedules.js';
import type { JobOptions, JobSource } from './job-source.js';
import { prepareSource } from './job-source.js';
import type { RunHandle } from './run-handle.js';

export interface OpenFleetOptions {
  /** Where the nearest `shardmill.config.*` is looked for; the working directory where left out. */
  readonly base?: string | undefined;
}

/** A fleet: schedulers and workers that share a Redis and a log of runs. */
export interface FleetClient {
  /**
   * Hands a job to the fleet, or attaches to the run of the same `runKey`.
   * @throws JOB_…, PARAMETER_…, RUN_KEY_CONFLICT, STORE_…
   */
  submit(job: JobSource, options?: Omit<JobOptions, 'config'> & SubmitOptions): Promise<RunHandle>;
  /** The run of an id, of its beginning, or of `last`. @throws RUN_NOT_FOUND */
  run(reference: string): Promise<RunHandle>;
  /** Runs, the latest first; 20 and those under way unless `all`. @throws STORE_… */
  runs(options?: { readonly all?: boolean }): Promise<ListedRun[]>;
  /** The schedulers and workers that are there. @throws REDIS_UNREACHABLE */
  processes(): Promise<FleetProcess[]>;
  /** Runs that start by the clock. */
  readonly schedules: FleetSchedules;
  close(): Promise<void>;
}

/**
 * Connects to a fleet. Nothing waits for Redis: submitting and reading need the stores alone.
 * @param config settings that go before those of the environment and of `shardmill.config.*`.
 * @throws CONFIG_INVALID
 */
export async function openFleet(
  config: ConfigDefinition = {},
  { base = '.' }: OpenFleetOptions = {},
): Promise<FleetClient> {
  const [{ loadSettings }, { Fleet, listRuns, submitRun }, { openRun }, { fleetSchedules }] =
    await Promise.all([
      import('../config/load-settings.js'),
      import('../fleet/index.js'),
      import('./run-handle.js'),
      import('./fleet-schedules.js'),
    ]);
  const cwd = path.resolve(base);
  const settings = await loadSettings({ flags: {}, config, cwd, env: process.env });
  const fleet = Fleet.open(settings, new Stores(storageOptions(settings)));
  return {
    async submit(job, options = {}) {
      const prepared = await prepareSource(job, { ...options, base: options.base ?? cwd });
      const { run, attached } = await submitRun(fleet, prepared, options);
      return openRun(fleet, run.request.run, attached);
    },
    async run(reference) {
      return openRun(fleet, (await fleet.find(reference)).request.run, true);
    },
    runs: async ({ all = false } = {}) => (await listRuns(fleet, all)).runs,
    processes: () => fleet.processes(),
    schedules: fleetSchedules(fleet, cwd),
    close: () => fleet.close(),
  };
}
