import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('worker-process.mjs', import.meta.url));

export interface WorkerProcessOptions {
  /** URL of Redis. */
  readonly redis: string;
  readonly id: string;
  readonly cacheFolder: string;
  /** The state location. */
  readonly state: string;
  readonly graceMs: number;
}

/** A worker of the pool `cpu` in a process of its own, with one engine. */
export class WorkerProcess {
  /** Its exit code, or null where a signal ended it. */
  readonly ended: Promise<number | null>;
  #output = '';
  readonly #child: ChildProcess;

  private constructor(options: WorkerProcessOptions) {
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => resolve(code));
    });
  }

  static start(options: WorkerProcessOptions): WorkerProcess {
    return new WorkerProcess(options);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Lines of its log that begin with this. */
  count(text: string): number {
    const begins = `"text":${JSON.stringify(text).slice(0, -1)}`;
    return this.#output.split('\n').filter((line) => line.includes(begins)).length;
  }

  says(text: string): boolean {
    return this.count(text) > 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(): Promise<void> {
    this.kill('SIGKILL');
    await this.ended;
  }
}
