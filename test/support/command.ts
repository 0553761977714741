import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type ErrorDocument,
  errorDocumentSchema,
  type RunDocument,
  runDocumentSchema,
} from '@shardmill/client/document-schemas';

const PROGRAM = fileURLToPath(new URL('../../packages/cli/bin/shardmill.js', import.meta.url));

/** How a command ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real program in a process of its own. */
export class RunningCommand {
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  static start(args: readonly string[], cwd: string): RunningCommand {
    return RunningCommand.spawn(process.execPath, [PROGRAM, ...args], cwd);
  }

  /** A command of the shell's in which `"$@"` is the program with its arguments. */
  static startIn(script: string, args: readonly string[], cwd: string): RunningCommand {
    return RunningCommand.spawn(
      'bash',
      ['-c', script, 'bash', process.execPath, PROGRAM, ...args],
      cwd,
    );
  }

  private static spawn(file: string, args: readonly string[], cwd: string): RunningCommand {
    const env = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: `${cwd}/.cache` };
    return new RunningCommand(spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the command did not start');
    return pid;
  }

  /** Whether the process has ended. */
  get over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it if it is still there. */
  async end(): Promise<void> {
    if (!this.over) this.kill('SIGKILL');
    await this.ended.catch(() => {});
  }
}

/** What `--json` printed of an error. */
export type Refusal = ErrorDocument['error'];

export function refusalOf({ stdout, stderr }: Ended): Refusal {
  try {
    return errorDocumentSchema.strict().parse(JSON.parse(stdout)).error;
  } catch (error) {
    throw new Error(`no error document but: ${stdout}\n${stderr}`, { cause: error });
  }
}

/** What `run --json` printed of a run that finished. */
export function runOf({ code, stdout, stderr }: Ended): RunDocument {
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}\n${stderr}`);
  return runDocumentSchema.strict().parse(JSON.parse(stdout));
}
