import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  InvariantError,
  type JobBinder,
  type Profile,
  ShardmillError,
  type StorageOptions,
  toShardmillError,
  unreachable,
} from '@shardmill/core';
import type { InputFacts, MadePlan } from '@shardmill/scheduler';
import { filteredEnvironment, ownEnvironment, type PlanningProcess } from '@shardmill/worker';
import type {
  BinderAnswer,
  ListedInput,
  PlannerMessage,
  PlannerOrder,
} from './planner-protocol.js';

/** A process that makes one plan, or lists one input; whatever happens in it is an error here and no more. */
export class PlannerProcess implements PlanningProcess {
  readonly #child: ChildProcess;
  readonly #outcome: Promise<PlannerOutcome>;
  #resolve: (outcome: PlannerOutcome) => void = () => {};
  #fail: (reason: ShardmillError) => void = () => {};
  readonly #exited: Promise<void>;
  #stderr = '';

  /** Called while a store does not answer. */
  onWaiting: (message: string) => void = () => {};

  /**
   * @param environment names of variables that it gets beside those that are needed, for one of a
   *   fleet; where left out, it gets the environment of this process, without the fleet's secrets.
   */
  constructor(environment?: readonly string[]) {
    this.#outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#fail = reject;
    });
    this.#outcome.catch(() => {});
    this.#child = fork(fileURLToPath(new URL('./planner-main.js', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...(environment === undefined
          ? ownEnvironment(process.env)
          : filteredEnvironment(process.env, environment)),
      },
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#fail(new ShardmillError('ENGINE_CRASHED', `cannot start it: ${error.message}`));
        resolve();
      });
      this.#child.once('close', (code, signal) => {
        this.#fail(deathOf(code, signal, this.#stderr));
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws what planning throws; ENGINE_CRASHED where the process ends */
  async plan(
    storage: StorageOptions,
    request: Extract<PlannerOrder, { kind: 'plan' }>['request'],
    binder: JobBinder,
  ): Promise<MadePlan> {
    const outcome = await this.#order({ kind: 'plan', storage, request }, binder);
    if (outcome.kind !== 'planned') throw new InvariantError(`planning ended as ${outcome.kind}`);
    return outcome.made;
  }

  /** @throws what `listInput` throws; ENGINE_CRASHED where the process ends */
  async list(
    storage: StorageOptions,
    request: Extract<PlannerOrder, { kind: 'list' }>['request'],
  ): Promise<ListedInput> {
    const outcome = await this.#order({ kind: 'list', storage, request }, undefined);
    if (outcome.kind !== 'listed') throw new InvariantError(`listing ended as ${outcome.kind}`);
    return outcome.listed;
  }

  /** @throws what `checkInput` throws; ENGINE_CRASHED where the process ends */
  async checkInput(
    storage: StorageOptions,
    request: Extract<PlannerOrder, { kind: 'check-input' }>['request'],
  ): Promise<InputFacts> {
    const outcome = await this.#order({ kind: 'check-input', storage, request }, undefined);
    if (outcome.kind !== 'checked') throw new InvariantError(`checking ended as ${outcome.kind}`);
    return outcome.facts;
  }

  /** @throws what a run throws; ENGINE_CRASHED where the process ends */
  async profile(
    storage: StorageOptions,
    request: Extract<PlannerOrder, { kind: 'profile' }>['request'],
  ): Promise<Profile> {
    const outcome = await this.#order({ kind: 'profile', storage, request }, undefined);
    if (outcome.kind !== 'profiled') throw new InvariantError(`profiling ended as ${outcome.kind}`);
    return outcome.profile;
  }

  #order(order: PlannerOrder, binder: JobBinder | undefined): Promise<PlannerOutcome> {
    this.#child.on('message', (message: PlannerMessage) => {
      switch (message.kind) {
        case 'ask':
          void answerOf(message, binder).then((answer) => this.#send(answer));
          return;
        case 'waiting':
          this.onWaiting(message.message);
          return;
        case 'planned':
        case 'listed':
        case 'checked':
        case 'profiled':
          this.#resolve(message);
          return;
        case 'failed':
          this.#fail(ShardmillError.fromRecord(message.error));
          return;
        default:
          unreachable(message, 'message');
      }
    });
    this.#send(order);
    return this.#outcome;
  }

  kill(reason: ShardmillError): void {
    this.#fail(reason);
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.kill(new ShardmillError('INTERRUPTED', 'the planner was closed'));
    await this.#exited;
  }

  /** A failure to send is the process's end, which is reported above. */
  #send(message: PlannerOrder | BinderAnswer): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

type PlannerOutcome = Extract<
  PlannerMessage,
  { kind: 'planned' | 'listed' | 'checked' | 'profiled' }
>;

async function answerOf(
  question: Extract<PlannerMessage, { kind: 'ask' }>,
  binder: JobBinder | undefined,
): Promise<BinderAnswer> {
  const { id } = question;
  try {
    if (binder === undefined) throw new InvariantError('a listing needs no engine');
    return { id, answer: await askBinder(question, binder) };
  } catch (error) {
    return { id, error: toShardmillError(error).toRecord() };
  }
}

function askBinder(
  question: Extract<PlannerMessage, { kind: 'ask' }>,
  binder: JobBinder,
): Promise<unknown> {
  switch (question.method) {
    case 'bindJob':
      return binder.bindJob(question.argument);
    case 'describeInput':
      return binder.describeInput(question.argument);
    case 'readCheckpoint':
      return binder.readCheckpoint(question.argument);
    default:
      return unreachable(question, 'question');
  }
}

function deathOf(code: number | null, signal: string | null, stderr: string): ShardmillError {
  const how = signal ?? `exit code ${code}`;
  const said = stderr.trim().split('\n').slice(-6).join('\n');
  const isMemory = /heap out of memory|bad_alloc|Allocation failed/i.test(said);
  const message = `the planner process ended with ${how}${said === '' ? '' : `; it said: ${said}`}`;
  return new ShardmillError(isMemory ? 'PLAN_OUT_OF_MEMORY' : 'ENGINE_CRASHED', message);
}
