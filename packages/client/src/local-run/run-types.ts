import type { EngineProcess, PlanningLimits } from '@shardmill/worker';
import type { Stores } from '@shardmill/core';
import type { JobRules, ModelRegistry, RunHistory } from '@shardmill/scheduler';
import type { ShrunkCalls } from '@shardmill/worker';
import type { Baseline, Job, Manifest, ParameterValues, Plan } from '@shardmill/core';
import type { InputWait } from '@shardmill/queue';
import type { RowSelection } from '@shardmill/scheduler';

export interface LocalRunOptions {
  /** With overrides of the command line and with parameters filled in. */
  readonly job: Job;
  /** Absolute path of the definition; relative locations start at its folder. */
  readonly jobFile: string;
  /** Every parameter's value, as `resolveParameters` gives them. */
  readonly params: ParameterValues;
  readonly engines?: number | undefined;
  readonly lanes?: number | undefined;
  readonly threadsPerLane?: number | undefined;
  readonly batchRows?: number | undefined;
  readonly memoryLimit?: string | number | undefined;
  readonly maxRejectedRows?: string | number | undefined;
  /** `ok` gives back a finished run of the same plan instead of refusing or repeating it. */
  readonly ifFinished?: 'fail' | 'ok' | undefined;
  /** The id of the run, where it is a new one; made here where left out. */
  readonly runId?: string | undefined;
  /** The command that does the same again, kept with the plan so that the run can be continued. */
  readonly command?: string | undefined;
  /** Which rows a trial run takes; all where left out. */
  readonly selection?: RowSelection | undefined;
  /** Aborted when the user stops the run. */
  readonly signal: AbortSignal;
}

export interface RunProgress {
  readonly rowsPlanned: number;
  /** Scored, rejected and filtered so far, with what earlier attempts had done. */
  readonly rowsDone: number;
  readonly rowsScored: number;
  readonly rowsRejected: number;
  readonly rowsFiltered: number;
  /** Done by earlier attempts. */
  readonly rowsResumed: number;
  readonly partsDone: number;
  readonly partsPlanned: number;
  readonly shardsFailed: number;
  readonly retries: number;
  /** One for each engine that had no room for its calls of the model. */
  readonly shrunkCalls: readonly ShrunkCalls[];
  readonly elapsedMs: number;
}

/** What a run reports while it works. */
export interface RunEvents {
  /** Called every second while the input is waited for. @param text the same as a sentence. */
  waiting?(wait: InputWait, text: string): void;
  planned(plan: Plan, resumed: boolean): void;
  progress(progress: RunProgress): void;
  notice(message: string): void;
}

export interface RunResult {
  readonly runId: string;
  /** The output location. */
  readonly output: string;
  readonly manifest: Manifest;
  readonly manifestPath: string;
  readonly elapsedMs: number;
  readonly resumed: boolean;
  /** The run had finished before: nothing was done. */
  readonly alreadyFinished: boolean;
}

/** @throws ShardmillError; INTERRUPTED says how to go on. */
export type LocalRun = (options: LocalRunOptions, events: RunEvents) => Promise<RunResult>;

/** What a run has from the program that it is part of. */
export interface LocalRunContext {
  /** A process that is started already; it is closed at the end. */
  readonly engine: EngineProcess;
  readonly stores: Stores;
  /** For models and input that are fetched; `defaultCacheFolder` where left out. */
  readonly cacheFolder?: string | undefined;
  /** What the configuration demands of jobs. */
  readonly rules?: JobRules | undefined;
  /** The limits of planning. */
  readonly limits: PlanningLimits;
  /** What the run is compared with, where that was made for it. */
  readonly baseline?: Baseline | undefined;
  /** Needed for jobs that name a model of the registry. */
  readonly models?: ModelRegistry | undefined;
  /** Where finished runs of each job are noted, to compare later ones with. */
  readonly history?: RunHistory | undefined;
}
