import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { startCpuMeter } from './cpu-meter.js';
import { UsageError, WrongResultError } from './errors.js';

/** How a process ended and what it cost. */
export interface FinishedProcess {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Time from before it was started until its end was seen. */
  readonly wallMs: number;
  /** Processor time of it and of all processes that it started. */
  readonly cpuMs: number;
  /** Processor time that the rest of the machine took meanwhile, a server that it asked included. */
  readonly othersMs: number;
}

/** Options of {@link runNode}. */
export interface NodeOptions {
  /** Cores that it may use. */
  readonly cores: number;
  /** Called with its id as soon as it runs. */
  readonly onStart?: (pid: number) => void;
  /** Called with what it writes on standard error. */
  readonly onStderr?: (text: string) => void;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a script with this Node until it ends. One at a time, or `cpuMs` is not its own. */
export function runNode(
  script: string,
  args: readonly string[],
  options: NodeOptions,
): Promise<FinishedProcess> {
  return runProgram(process.execPath, [script, ...args], options);
}

/** The same for any program. None needs more certificates, and Node takes 70 ms to read a file of them at its start. */
export async function runProgram(
  executable: string,
  args: readonly string[],
  options: NodeOptions,
): Promise<FinishedProcess> {
  const [program, programArgs] = onCores(options.cores, executable, args);
  const readMeter = startCpuMeter();
  const started = performance.now();
  // It is in a group of its own, so that `killAll` reaches what it has started.
  const child = spawn(program, programArgs, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...options.env },
  });
  running.add(child);
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    options.onStderr?.(text);
  });
  const cost = { wallMs: Number.NaN, cpuMs: Number.NaN, othersMs: Number.NaN };
  child.once('exit', () => {
    cost.wallMs = performance.now() - started;
    const { childrenMs, othersMs } = readMeter();
    cost.cpuMs = childrenMs;
    cost.othersMs = othersMs;
  });
  try {
    return await new Promise<FinishedProcess>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        resolve({ code, signal, ...output, ...cost });
      });
    });
  } finally {
    kill(child);
    running.delete(child);
  }
}

/**
 * Runs one of this package's `*-process.js`, which gets a request as JSON in its arguments and
 * answers with `answer`. It may end by killing itself: ONNX Runtime with threads cannot end
 * otherwise without an abort.
 */
export async function askProcess<T>(
  script: URL,
  request: unknown,
  answer: z.ZodType<T>,
  cores: number,
): Promise<{ readonly answer: T; readonly wallMs: number; readonly cpuMs: number }> {
  const ended = await runNode(fileURLToPath(script), [JSON.stringify(request)], { cores });
  const parsed = ended.stdout === '' ? undefined : answer.safeParse(JSON.parse(ended.stdout));
  if (!parsed?.success || (ended.code !== 0 && ended.signal !== 'SIGKILL')) {
    throw new WrongResultError(`${script.pathname} ended with ${howEnded(ended)}`);
  }
  return { answer: parsed.data, wallMs: ended.wallMs, cpuMs: ended.cpuMs };
}

/** For an error message: exit code or signal, and the last that the process said. */
export function howEnded({ code, signal, stdout, stderr }: FinishedProcess): string {
  return `${signal ?? `exit code ${code}`}: ${(stderr || stdout).trim().slice(-2000)}`;
}

/** Ends every process that is still running, with what it has started. */
export function killAll(): void {
  for (const child of running) kill(child);
}

const running = new Set<ChildProcess>();

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of the group has ended.
  }
}

/** A command, held to the first `cores` of the cores that this process may use. */
function onCores(cores: number, program: string, args: readonly string[]): [string, string[]] {
  if (cores === os.availableParallelism()) return [program, [...args]];
  const list = allowedCores().slice(0, cores).join(',');
  return ['taskset', ['--cpu-list', list, program, ...args]];
}

function allowedCores(): number[] {
  if (process.platform !== 'linux') {
    throw new UsageError('--threads below the number of cores needs Linux and taskset');
  }
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return (list ?? '').split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
