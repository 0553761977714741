import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type JobBinder, ShardmillError, toShardmillError } from '@shardmill/core';
import type { InputFacts, MadePlan } from '@shardmill/scheduler';
import { filteredEnvironment, type PlanningProcess } from '@shardmill/worker';
import type {
  BinderAnswer,
  LookOrder,
  PlannerMessage,
  PlannerOrder,
  PlanOrder,
} from './planner-protocol.js';

/** A process that makes one plan or takes one look; whatever happens in it is an error here and no more. */
export class PlannerProcess implements PlanningProcess {
  readonly #child: ChildProcess;
  readonly #failure: Promise<never>;
  #fail: (reason: ShardmillError) => void = () => {};
  readonly #exited: Promise<void>;
  #stderr = '';

  /** @param environment names of variables that it gets beside those that are needed. */
  constructor(environment: readonly string[]) {
    this.#failure = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.#failure.catch(() => {});
    this.#child = fork(fileURLToPath(new URL('./planner-main.js', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...filteredEnvironment(process.env, environment) },
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
  plan(order: PlanOrder, binder: JobBinder): Promise<MadePlan> {
    return this.#outcome(order, binder, (message) =>
      message.kind === 'planned' ? message.made : undefined,
    );
  }

  /** @throws what looking throws; ENGINE_CRASHED where the process ends */
  look(order: LookOrder): Promise<InputFacts> {
    return this.#outcome(order, undefined, (message) =>
      message.kind === 'looked' ? message.facts : undefined,
    );
  }

  /** @param resultOf what of the last message is the result. */
  #outcome<T>(
    order: PlannerOrder,
    binder: JobBinder | undefined,
    resultOf: (message: PlannerMessage) => T | undefined,
  ): Promise<T> {
    const result = new Promise<T>((resolve) => {
      this.#child.on('message', (message: PlannerMessage) => {
        const value = resultOf(message);
        if (value !== undefined) resolve(value);
        else if (message.kind === 'failed') this.#fail(ShardmillError.fromRecord(message.error));
        else if (message.kind === 'ask' && binder !== undefined) {
          void answerOf(message, binder).then((answer) => this.#send(answer));
        } else this.#fail(new ShardmillError('INTERNAL', `unexpected "${message.kind}"`));
      });
    });
    this.#send(order);
    return Promise.race([result, this.#failure]);
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

async function answerOf(
  question: Extract<PlannerMessage, { kind: 'ask' }>,
  binder: JobBinder,
): Promise<BinderAnswer> {
  const { id } = question;
  try {
    const answer =
      question.method === 'bindJob'
        ? await binder.bindJob(question.argument)
        : await binder.describeInput(question.argument);
    return { id, answer };
  } catch (error) {
    return { id, error: toShardmillError(error).toRecord() };
  }
}

function deathOf(code: number | null, signal: string | null, stderr: string): ShardmillError {
  const how = signal ?? `exit code ${code}`;
  const said = stderr.trim().split('\n').slice(-6).join('\n');
  const isMemory = /heap out of memory|bad_alloc|Allocation failed/i.test(said);
  const message = `the planner process ended with ${how}${said === '' ? '' : `; it said: ${said}`}`;
  return new ShardmillError(isMemory ? 'PLAN_OUT_OF_MEMORY' : 'ENGINE_CRASHED', message);
}
