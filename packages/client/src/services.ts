import { type Baseline, type InputFile, newRunId, type Plan, Stores } from '@shardmill/core';
import type { ModelRegistry } from '@shardmill/scheduler';
import type {
  EngineProcess,
  PlanningLimits,
  ProviderReport,
  ScorerDescription,
} from '@shardmill/worker';
import { jobRules, storageOptions } from './config/connection-options.js';
import { lineageOptions } from './config/lineage-options.js';
import type {
  CompareContext,
  ComparedScores,
  CompareRequest,
} from './compare/score-and-compare.js';
import type { ModelTest, TestModelRequest } from './compare/test-model.js';
import type { EvaluationDocument } from './documents/evaluation-schema.js';
import type { EvaluationOptions } from './evaluate/evaluate-run.js';
import type { Settings, SettingSources } from './config/load-settings.js';
import type { RunEstimate } from './estimate/estimate-run.js';
import type { Fleet } from './fleet/fleet.js';
import type { InspectorEngine } from './inspect/inspector-engine.js';
import type { LocalRun, RunEvents, RunResult } from './local-run/run-types.js';
import type { OutputCheck } from './check-output.js';
import type { CreatedProfile, CreateProfileRequest } from './profiles/create-profile.js';
import type {
  DatasetEvents,
  ProfiledDataset,
  ProfileDatasetRequest,
} from './profiles/profile-dataset.js';
import type { PreparedJob } from './prepare-job.js';

/**
 * Where the API and the command line meet the scheduler and the worker, which are loaded when a call
 * needs them: `--help` should not wait for them.
 */
export interface Services {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly localRun: LocalRun;
  /** Starts an engine process for the next call that needs one; meanwhile the job is read. */
  readonly warmUp: () => void;
  /** A plan that is not published: nothing is written. */
  readonly planJob: (job: Omit<PreparedJob, 'command'>) => Promise<PlannedJob>;
  /** What a run of the plan would find at its output location. */
  readonly checkOutput: (plan: Plan) => Promise<OutputCheck>;
  /** What a run of the plan will take and cost here, from past runs; null where there are none. */
  readonly estimateHere: (plan: Plan, pool: string) => Promise<RunEstimate | null>;
  /** Scores a job for nothing but to compare it; see `scoreAndCompare`. */
  readonly scoreAndCompare: (request: CompareRequest, events: RunEvents) => Promise<ComparedScores>;
  /** Scores a sample with two models; see `testModel`. */
  readonly testModel: (request: TestModelRequest, events: RunEvents) => Promise<ModelTest>;
  /** Profiles a data set as a job sees it; see `createProfile`. */
  readonly createProfile: (
    request: CreateProfileRequest,
    events: RunEvents,
  ) => Promise<CreatedProfile>;
  /** Profiles a data set as it is; see `profileDataset`. */
  readonly profileDataset: (
    request: ProfileDatasetRequest,
    events: DatasetEvents,
  ) => Promise<ProfiledDataset>;
  /** Holds the result of a run against labels; see `evaluateRun`. */
  readonly evaluate: (order: EvaluationOrder) => Promise<EvaluationDocument>;
  readonly withEngine: <T>(use: (engine: InspectorEngine) => Promise<T>) => Promise<T>;
  /** Which execution providers ONNX Runtime can compute with here. */
  readonly inspectProviders: () => Promise<ProviderReport[]>;
  /** The runs of a fleet and who works on them; closed afterwards. */
  readonly withFleet: <T>(use: (fleet: Fleet) => Promise<T>) => Promise<T>;
  /** Ends an engine that was started and not used, and the connections of the stores. */
  readonly close: () => Promise<void>;
}

export interface EvaluationOrder {
  /** As `report` takes it: an output, a manifest, or the id of a run of a fleet. */
  readonly reference: string;
  /** The id of one of the runs of an output folder. */
  readonly run?: string | undefined;
  readonly options: EvaluationOptions;
  /** Whether it is stored with the run. */
  readonly save: boolean;
  readonly cwd: string;
}

/** @throws CONFIG_INVALID */
export type LoadServices = (sources: SettingSources) => Promise<Services>;

export type { InspectorEngine } from './inspect/inspector-engine.js';
export type { InspectedParquet } from './inspect/parquet-description.js';
export type { EstimatedRange, RunEstimate } from './estimate/estimate-run.js';
export type { ScorerDescription } from '@shardmill/worker';
export type { OutputCheck } from './check-output.js';

/** A plan, and what would score its model. */
export interface PlannedJob {
  readonly plan: Plan;
  readonly scorer: ScorerDescription;
}

export function createServices(settings: Settings): Services {
  const stores = new Stores(storageOptions(settings));
  const cacheFolder = settings.get('cache.folder');
  const rules = jobRules(settings);
  let ahead: Promise<EngineProcess> | undefined;
  const startEngine = async (): Promise<EngineProcess> => {
    const { EngineProcess: Engine } = await import('@shardmill/worker/engine-process');
    const engine = Engine.start({ storage: stores.options, cacheFolder, allow: rules.allow });
    engine.onWaiting = (message) => stores.reportWaiting(message);
    return engine;
  };

  const limits = async (): Promise<PlanningLimits> =>
    (await import('./planning/plan-limits.js')).planLimits(settings);

  const models = async (): Promise<ModelRegistry> => {
    const { ModelRegistry: Registry } = await import('@shardmill/scheduler/model-registry');
    return new Registry(stores.open(settings.get('state.uri')));
  };

  const compareContext = async (): Promise<CompareContext> => {
    const { EngineProcess: Engine } = await import('@shardmill/worker/engine-process');
    const start = (): EngineProcess => Engine.start({ storage: stores.options, cacheFolder });
    const more = { limits: await limits(), models: await models() };
    return { stores, cacheFolder, startEngine: start, ...more };
  };

  /** The profile of a training set, where the job is compared with one. */
  const baselineOf = async (
    prepared: Pick<PreparedJob, 'job' | 'jobFile' | 'params'>,
    events: Pick<RunEvents, 'notice'>,
    signal: AbortSignal,
  ): Promise<Baseline | undefined> => {
    if (prepared.job.drift === undefined) return undefined;
    const { trainingBaseline } = await import('./profiles/training-baseline.js');
    return trainingBaseline({ ...prepared, rules, signal }, events, compareContext);
  };

  async function useEngine<T>(use: (engine: EngineProcess) => Promise<T>): Promise<T> {
    const engine = await (ahead ?? startEngine());
    ahead = undefined;
    try {
      return await use(engine);
    } finally {
      await engine.close();
    }
  }

  /** Under the limits of planning: what is read was written by others. */
  function useLimitedEngine<T>(
    use: (engine: EngineProcess, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return useEngine(async (engine) => {
      const { limitPlanning } = await import('@shardmill/worker/engine-process');
      return limitPlanning(await limits(), [engine], undefined, (signal) => use(engine, signal));
    });
  }

  async function withFleet<T>(use: (fleet: Fleet) => Promise<T>): Promise<T> {
    const { Fleet } = await import('./fleet/fleet.js');
    const fleet = Fleet.open(settings, stores);
    try {
      return await use(fleet);
    } finally {
      await fleet.close();
    }
  }

  return {
    settings,
    stores,

    async localRun(options, events) {
      const { localRun } = await import('./local-run/local-run.js');
      const { withNotifications } = await import('./local-run/notify-end.js');
      const receivers = settings.get('notify.receivers') ?? [];
      const notify = { receivers, env: process.env, allow: rules.allow, guarded: false };
      const lineage = lineageOptions(settings);
      return withNotifications(options, notify, events, async (watched) => {
        const engine = await (ahead ?? startEngine());
        ahead = undefined;
        const context = { engine, stores, cacheFolder, rules, limits: await limits() };
        const registry = await models();
        const baseline = await baselineOf(options, watched, options.signal);
        const { RunHistory } = await import('@shardmill/scheduler/run-history');
        const more = { models: registry, history: new RunHistory(registry.store), baseline };
        const run = async (followed: RunEvents): Promise<RunResult> =>
          localRun({ ...options, ...context, ...more }, followed);
        if (lineage === undefined) return run(watched);
        const { withLineage } = await import('./local-run/with-lineage.js');
        return withLineage(options, { ...lineage, env: process.env }, watched, run);
      });
    },

    warmUp() {
      ahead ??= startEngine();
      // Reported by the call that uses it.
      ahead.catch(() => {});
    },

    planJob: ({ job, jobFile, params, selection }) =>
      useEngine(async (engine) => {
        const { planWithRegistry } = await import('./local-run/plan-local-run.js');
        const now = new Date();
        const whole = { job, jobFile, params };
        const baseline = await baselineOf(
          whole,
          { notice: () => {} },
          new AbortController().signal,
        );
        const order = { job, jobFile, params, runId: newRunId(now), now, selection, rules };
        const { plan } = await planWithRegistry(
          { ...order, engine, stores, models: await models(), baseline },
          { limits: await limits() },
        );
        const treeKernel = job.resources.treeKernel ?? 'auto';
        const scorer = await engine.describeScorer({ scoring: plan.scoring, treeKernel });
        return { plan, scorer };
      }),

    async checkOutput(plan) {
      const { checkOutput } = await import('./check-output.js');
      return checkOutput(stores, plan);
    },

    async estimateHere(plan, pool) {
      const { estimateHere } = await import('./estimate/estimate-for.js');
      return estimateHere(stores, plan, { prices: rules.prices, pool });
    },

    async scoreAndCompare(request, events) {
      const { scoreAndCompare } = await import('./compare/score-and-compare.js');
      return scoreAndCompare(request, events, await compareContext());
    },

    async testModel(request, events) {
      const { testModel } = await import('./compare/test-model.js');
      return testModel(request, events, await compareContext());
    },

    async createProfile(request, events) {
      const { createProfile } = await import('./profiles/create-profile.js');
      return createProfile(request, events, await compareContext());
    },

    async profileDataset(request, events) {
      const { profileDataset } = await import('./profiles/profile-dataset.js');
      return profileDataset(request, events, await compareContext());
    },

    async evaluate({ reference, run, options, save, cwd }) {
      const [{ findRun }, { evaluateRun }] = await Promise.all([
        import('./report/find-run.js'),
        import('./evaluate/evaluate-run.js'),
      ]);
      const found = await findRun(reference, run, cwd, { stores, withFleet });
      const context = { ...(await compareContext()), now: new Date() };
      const evaluation = await evaluateRun(found, options, cwd, context);
      if (!save) return evaluation;
      const { saveEvaluation } = await import('./evaluate/stored-evaluations.js');
      return saveEvaluation(stores.open(found.output), evaluation);
    },

    withEngine: (use) =>
      useLimitedEngine((engine, signal) =>
        use({
          inspectModel: (location) => engine.inspectModel(location),
          sampleRejected: (file) => engine.sampleRejected(file),
          writeProfileParquet: (request) => engine.writeProfileParquet(request),
          readCheckpoint: (file) => engine.readCheckpoint(file),
          inspectParquet: async (location) => {
            const { listHere } = await import('./planning/local-planner.js');
            const request = {
              stores,
              uri: location,
              base: '/',
              hivePartitioning: true,
              readCheckpoint: (file: InputFile) => engine.readCheckpoint(file),
            };
            const listed = await listHere(request, { limits: await limits(), signal });
            return {
              ...(await engine.inspectParquet(listed.files)),
              path: location,
              partitionColumns: listed.partitionColumns.map((column) => column.name),
            };
          },
        }),
      ),

    inspectProviders: () => useLimitedEngine((engine) => engine.inspectProviders()),

    withFleet,

    async close() {
      const engine = await ahead?.catch(() => undefined);
      ahead = undefined;
      await Promise.all([engine?.close(), stores.close()]);
    },
  };
}
