import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  /** Before each of its lines. */
  readonly label: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLine: (label: string, line: string) => void;
  /**
   * By what it learns that this process is gone: a channel, which `untilStopped` listens to, or the
   * end of its input.
   */
  readonly tie: 'channel' | 'input';
}

/** How long a process may take to stop before it is killed. */
const PATIENCE_MS = 30_000;

/**
 * A process that `dev` has started. It is in a process group of its own, so that Ctrl-C reaches it
 * once, from here.
 */
export class Child {
  readonly label: string;
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #over = false;

  constructor({ label, program, args, env, onLine, tie }: ChildOptions) {
    this.label = label;
    this.#child = spawn(program, [...args], {
      detached: true,
      env: { ...env },
      stdio: tie === 'input' ? ['pipe', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on('line', (line) => onLine(label, line));
      }
    }
    this.#child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#over = true;
        resolve(how);
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  get over(): boolean {
    return this.#over;
  }

  /** Signals it to stop; kills it where it does not, or at once. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#over) return;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await this.ended;
    clearTimeout(timer);
  }
}
