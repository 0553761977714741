import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childrenOf, isAlive } from '../support/processes.js';

const PROGRAM = fileURLToPath(new URL('../../packages/cli/bin/shardmill.js', import.meta.url));

export type Role = 'worker' | 'scheduler';

/** One place in the fleet, in which a process is started again whenever it has ended. */
class Place {
  child: ChildProcess | undefined;
  frozen = false;
  starts = 0;
  readonly #exits: string[] = [];
  #log = '';

  constructor(
    readonly role: Role,
    readonly name: string,
    readonly cwd: string,
  ) {}

  start(): void {
    if (this.#alive) return;
    this.starts++;
    const child = spawn(process.execPath, [PROGRAM, this.role], {
      cwd: this.cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-200_000);
    });
    child.once('exit', (code, signal) => this.#exits.push(signal ?? `code ${code}`));
    this.child = child;
  }

  get #alive(): boolean {
    const { child } = this;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** @returns the process id, or undefined where none runs or it is frozen. */
  get pid(): number | undefined {
    return this.#alive && !this.frozen ? this.child?.pid : undefined;
  }

  async end(): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.#alive) return;
    const exited = once(child, 'exit');
    const children = child.pid === undefined ? [] : await childrenOf(child.pid);
    child.kill('SIGKILL');
    await exited;
    for (const pid of children) signal(pid, 'SIGKILL');
  }

  /** What the processes of this place said, for a failing test. */
  get output(): string {
    return `--- ${this.name}: ${this.starts} starts, ended by ${this.#exits.join(', ') || 'nothing'}\n${this.#log}`;
  }

  /** Ends that were not asked for; one by SIGTERM was, before the process knew what to do then. */
  get crashes(): string[] {
    return this.#exits.filter((exit) => !['SIGKILL', 'SIGTERM', 'code 0'].includes(exit));
  }
}

/** Workers and schedulers as real processes, kept at their number. */
export class Fleet {
  readonly #places: Place[];

  /** @param cwd where the processes find their configuration. */
  constructor(workers: number, schedulers: number, cwd: string) {
    this.#places = [
      ...Array.from({ length: schedulers }, (_, i) => new Place('scheduler', `s${i}`, cwd)),
      ...Array.from({ length: workers }, (_, i) => new Place('worker', `w${i}`, cwd)),
    ];
  }

  /** Starts what does not run. */
  start(): void {
    for (const place of this.#places) place.start();
  }

  /** Process ids of one role that are neither ended nor frozen. */
  pids(role: Role): number[] {
    return this.#places.flatMap((p) => (p.role === role && p.pid !== undefined ? [p.pid] : []));
  }

  /** Stops a process and the engines below it, until `thaw` is called. */
  async freeze(pid: number): Promise<() => void> {
    const place = this.#places.find((p) => p.pid === pid);
    if (place === undefined) return () => {};
    const all = [pid, ...(await childrenOf(pid))];
    place.frozen = true;
    for (const one of all) signal(one, 'SIGSTOP');
    return () => {
      for (const one of all) signal(one, 'SIGCONT');
      place.frozen = false;
    };
  }

  get output(): string {
    return this.#places.map((place) => place.output).join('\n');
  }

  get crashes(): string[] {
    return this.#places.flatMap(({ name, crashes }) => crashes.map((exit) => `${name}: ${exit}`));
  }

  async close(): Promise<void> {
    await Promise.all(this.#places.map((place) => place.end()));
  }
}

/** @returns false where the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  if (!isAlive(pid)) return false;
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
