import { newRunId, type Plan } from '@shardmill/core';
import type { EngineProcess } from '@shardmill/worker';
import type { InspectorEngine } from './inspect/inspector-engine.js';
import type { LocalRun } from './local-run/run-types.js';
import type { PreparedJob } from './prepare-job.js';

/**
 * The only place where the command line meets the scheduler and the worker: loaded when a command
 * needs them, since `--help` should not wait for them.
 */
export interface Services {
  readonly localRun: LocalRun;
  /** Starts an engine process for the next call that needs one; meanwhile the job is read. */
  readonly warmUp: () => void;
  /** A plan that is not published: nothing is written. */
  readonly planJob: (job: PreparedJob) => Promise<Plan>;
  readonly withEngine: <T>(use: (engine: InspectorEngine) => Promise<T>) => Promise<T>;
}

export type LoadServices = () => Promise<Services>;

export function createServices(): Services {
  let ahead: Promise<EngineProcess> | undefined;
  const startEngine = async (): Promise<EngineProcess> =>
    (await import('@shardmill/worker')).EngineProcess.start();

  async function useEngine<T>(use: (engine: EngineProcess) => Promise<T>): Promise<T> {
    const engine = await (ahead ?? startEngine());
    ahead = undefined;
    try {
      return await use(engine);
    } finally {
      await engine.close();
    }
  }

  return {
    async localRun(options, events) {
      const { localRun } = await import('./local-run/local-run.js');
      const engine = await (ahead ?? startEngine());
      ahead = undefined;
      return localRun({ ...options, engine }, events);
    },

    warmUp() {
      ahead ??= startEngine();
      // Told to whoever uses it.
      ahead.catch(() => {});
    },

    planJob: ({ job, jobFile, params }) =>
      useEngine(async (binder) => {
        const { makePlan } = await import('@shardmill/scheduler');
        const now = new Date();
        const runId = newRunId(now);
        const { plan } = await makePlan({ job, jobFile, params, runId, now, binder });
        return plan;
      }),

    withEngine: (use) =>
      useEngine((engine) =>
        use({
          inspectModel: (file) => engine.inspectModel(file),
          inspectParquet: async (location) => {
            const { listInput } = await import('@shardmill/scheduler');
            const listed = await listInput({ uri: location, base: '/', hivePartitioning: true });
            const files = listed.files.map((file) => file.uri);
            return {
              ...(await engine.inspectParquet(files)),
              path: location,
              partitionColumns: listed.partitionColumns.map((column) => column.name),
            };
          },
        }),
      ),
  };
}
