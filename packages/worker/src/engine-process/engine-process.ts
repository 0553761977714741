import type { ChildProcess } from 'node:child_process';
import {
  type BindRequest,
  type BoundJob,
  type CheckpointRequest,
  type Column,
  type ErrorCode,
  type ErrorRecord,
  type Evaluation,
  type InputFile,
  type JobBinder,
  type ModelDescription,
  type PlannedShard,
  type ProfileAnswer,
  type ProfileQuery,
  type ProfileState,
  ShardmillError,
  type ShardRecord,
  unreachable,
  type WrittenCheckpoint,
} from '@shardmill/core';
import type { EvaluationRequest } from '../evaluate/evaluation-request.js';
import type { ComparisonRequest, ScoreComparison } from '../compare/compare-scores.js';
import type {
  EngineMessage,
  EngineMethod,
  EngineMethods,
  LaneSettings,
  OpenedRun,
} from '../engine/protocol.js';
import type { ProviderReport } from '../onnx/probe-providers.js';
import type { EngineStart } from '../engine/engine-options.js';
import type { ScorerDescription, ScorerRequest } from '../inspect/describe-scorer.js';
import type { ParquetDescription } from '../inspect/inspect-parquet.js';
import type { RejectedSample } from '../inspect/sample-rejected.js';
import type { DatasetShardRequest } from '../profile/profile-dataset.js';
import type { ProfileParquetRequest } from '../profile/write-profile-parquet.js';
import type { PartProgress } from '../part/part-progress.js';
import type { RunSettings } from '../part/run-settings.js';
import { engineDeath, whileTokenizing } from './engine-death.js';
import { takeForkedEngine } from './fork-engine.js';
import { countOomKills } from './oom-kills.js';
import { residentBytes } from './resident-memory.js';

const MEMORY_CHECK_MS = 200;

/**
 * Errors after which the process is of no use: a thread of it died or is stuck, the device takes no
 * more work from it, or ONNX Runtime's arenas have grown until there is no room for one row.
 */
const SPOILED: ReadonlySet<ErrorCode> = new Set([
  'ENGINE_CRASHED',
  'ENGINE_OUT_OF_MEMORY',
  'DEVICE_OUT_OF_MEMORY',
  'TOKENIZER_TIMEOUT',
]);

/**
 * An engine process and the calls that it answers. Whatever happens in it (a crash in native code,
 * memory without end, a call that never returns) is an error here and no more.
 */
export class EngineProcess implements JobBinder {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #nextId = 0;
  #death: ShardmillError | undefined;
  #closing = false;
  #memoryTimer: NodeJS.Timeout | undefined;
  #stderr = '';
  onProgress: (progress: PartProgress) => void = () => {};
  #callRows: number | undefined;
  /** Of the open run. */
  #tokenizer: string | undefined;
  #tokenizerIsSlow = false;
  /** Is called, at most every few seconds, while a store does not answer the engine. */
  onWaiting: (message: string) => void = () => {};
  /** Is called with a sentence on what is not as requested. */
  onNotice: (text: string) => void = () => {};

  private constructor(
    { environment, ...options }: EngineStart,
    oomKills: () => number | undefined,
  ) {
    const before = oomKills() ?? 0;
    this.#child = takeForkedEngine(environment);
    // Sending fails only where the process has ended, which is reported below.
    this.#child.send(options, () => {});
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#child.on('message', (message: EngineMessage) => this.#receive(message));
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#die(new ShardmillError('ENGINE_CRASHED', `cannot start it: ${error.message}`));
        resolve();
      });
      this.#child.once('close', (code, signal) => {
        const said = this.#stderr.trim().split('\n').slice(-6).join('\n');
        const oomKill = (oomKills() ?? 0) > before;
        this.#die(engineDeath({ code, signal, said, oomKill, tokenizer: this.#tokenizer }));
        resolve();
      });
    });
  }

  /** @param oomKills processes that the system has killed for want of memory so far. */
  static start(
    options: EngineStart = {},
    oomKills: () => number | undefined = countOomKills,
  ): EngineProcess {
    return new EngineProcess(options, oomKills);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The reason for its end, once it has ended. */
  get death(): ShardmillError | undefined {
    return this.#death;
  }

  /** Rows of one call of the model in the open run, as the engine reported them last. */
  get callRows(): number | undefined {
    return this.#callRows;
  }

  /** The tokenizer of the open run, while a call of it takes unusually long. */
  get slowTokenizer(): string | undefined {
    return this.#tokenizerIsSlow ? this.#tokenizer : undefined;
  }

  /** Whether it still takes calls. */
  get alive(): boolean {
    return this.#death === undefined && !this.#closing;
  }

  describeInput(file: InputFile): Promise<Column[]> {
    return this.#call('describeInput', { file });
  }

  readCheckpoint(file: InputFile): Promise<string[]> {
    return this.#call('readCheckpoint', { file });
  }

  /** Writes a checkpoint of a table. @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED, STORE_… */
  writeCheckpoint(request: CheckpointRequest): Promise<WrittenCheckpoint> {
    return this.#call('writeCheckpoint', request);
  }

  bindJob(request: BindRequest): Promise<BoundJob> {
    return this.#call('bindJob', withoutFunctions(request));
  }

  inspectModel(location: string): Promise<ModelDescription> {
    return this.#call('inspectModel', { location });
  }

  /** What would score a planned model on processors. */
  describeScorer(request: ScorerRequest): Promise<ScorerDescription> {
    return this.#call('describeScorer', request);
  }

  inspectParquet(files: readonly InputFile[]): Promise<ParquetDescription> {
    return this.#call('inspectParquet', { files });
  }

  /** A few rejected rows of each reason, from a stored file of them. */
  sampleRejected(file: InputFile): Promise<RejectedSample> {
    return this.#call('sampleRejected', { file });
  }

  /** Whether each execution provider of ONNX Runtime can be used on this machine. */
  inspectProviders(): Promise<ProviderReport[]> {
    return this.#call('inspectProviders', null);
  }

  /** Holds scores against expected ones, by a key. */
  compareScores(request: ComparisonRequest): Promise<ScoreComparison> {
    return this.#call('compareScores', request);
  }

  /** Holds scores against labels that came later. */
  evaluateScores(request: EvaluationRequest): Promise<Evaluation> {
    return this.#call('evaluateScores', request);
  }

  /** Runs the SQL of a check over a profile. */
  queryProfile(query: ProfileQuery): Promise<ProfileAnswer> {
    return this.#call('queryProfile', query);
  }

  /** What the columns of a shard of a data set look like, without a model. */
  profileDataset(request: DatasetShardRequest): Promise<ProfileState> {
    return this.#call('profileDataset', request);
  }

  /** Writes a profile as Parquet. */
  async writeProfileParquet(request: ProfileParquetRequest): Promise<void> {
    await this.#call('writeProfileParquet', request);
  }

  openRun(settings: RunSettings & LaneSettings): Promise<OpenedRun> {
    this.#callRows = undefined;
    this.#tokenizer = settings.scoring.text?.tokenizer.uri;
    this.#tokenizerIsSlow = false;
    return this.#call('openRun', settings);
  }

  scoreShard(shard: PlannedShard): Promise<ShardRecord> {
    return this.#call('scoreShard', shard);
  }

  /** Has `scoreShard` of this shard end with INTERRUPTED; nothing where it has ended. */
  async cancelShard(shard: number): Promise<void> {
    await this.#call('cancelShard', { shard });
  }

  /** No part begins any more: `scoreShard` ends when those that have begun are done. */
  async finishParts(): Promise<void> {
    await this.#call('finishParts', null);
  }

  /** Ends the process at once, with this as the reason for whatever it was doing. */
  kill(reason: ShardmillError): void {
    this.#die(reason);
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#die(new ShardmillError('INTERRUPTED', 'the engine was closed'));
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #call<M extends EngineMethod>(
    method: M,
    argument: EngineMethods[M]['argument'],
  ): Promise<EngineMethods[M]['answer']> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    const id = this.#nextId++;
    return new Promise<EngineMethods[M]['answer']>((resolve, reject) => {
      this.#pending.set(id, {
        // The answer to a method is what the protocol says it is.
        resolve: (answer) => resolve(answer as EngineMethods[M]['answer']),
        reject,
      });
      this.#child.send({ id, method, argument }, (error) => {
        if (error !== null) this.#settle(id, new ShardmillError('ENGINE_CRASHED', error.message));
      });
    });
  }

  #receive(message: EngineMessage): void {
    switch (message.kind) {
      case 'answer':
        this.#pending.get(message.id)?.resolve(message.answer);
        this.#pending.delete(message.id);
        return;
      case 'error': {
        const error = restore(message.error);
        if (SPOILED.has(error.code)) this.kill(error);
        else this.#settle(message.id, error);
        return;
      }
      case 'notice':
        this.onNotice(message.text);
        return;
      case 'progress':
        this.onProgress(message.progress);
        return;
      case 'calls':
        this.#callRows = message.rows;
        return;
      case 'slowTokenizer':
        this.#tokenizerIsSlow = message.slow;
        return;
      case 'waiting':
        this.onWaiting(message.message);
        return;
      default:
        return unreachable(message, 'message');
    }
  }

  #settle(id: number, error: ShardmillError): void {
    this.#pending.get(id)?.reject(error);
    this.#pending.delete(id);
  }

  #die(reason: ShardmillError): void {
    this.#death ??= reason;
    clearInterval(this.#memoryTimer);
    for (const pending of this.#pending.values()) pending.reject(this.#death);
    this.#pending.clear();
  }

  /** Stops the process when it holds more resident memory than this. */
  limitMemory(limit: number): void {
    clearInterval(this.#memoryTimer);
    this.#memoryTimer = setInterval(() => {
      const { pid } = this.#child;
      if (pid === undefined) return;
      void residentBytes(pid).then((bytes) => {
        if (bytes === undefined || bytes <= limit || this.#death !== undefined) return;
        const mib = (value: number): string => `${Math.round(value / 2 ** 20)} MiB`;
        this.kill(
          new ShardmillError(
            'ENGINE_OUT_OF_MEMORY',
            `the engine process used ${mib(bytes)}, its limit is ${mib(limit)}${whileTokenizing(this.slowTokenizer)}`,
          ),
        );
      });
    }, MEMORY_CHECK_MS);
    this.#memoryTimer.unref();
  }
}

/** A function cannot cross to another process: the engine loads a transform from the job file. */
function withoutFunctions(request: BindRequest): BindRequest {
  const { transform } = request.job;
  if (transform?.apply === undefined) return request;
  return { ...request, job: { ...request.job, transform: { columns: transform.columns } } };
}

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ShardmillError) => void;
}

function restore(record: ErrorRecord): ShardmillError {
  return ShardmillError.fromRecord(record);
}
