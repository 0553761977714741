import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeEach } from 'vitest';

/** Ids of the processes that `parent` started itself and that have not ended. */
export async function childrenOf(parent: number): Promise<number[]> {
  const all = process.platform === 'linux' ? await fromProc() : await fromPs();
  return all.filter((one) => one.parent === parent).map((one) => one.pid);
}

/** The processes that a test has started: without those that were there before it, which are of other test files. */
export function useNewChildren(): () => Promise<number[]> {
  let before: readonly number[] = [];
  beforeEach(async () => {
    before = await childrenOf(process.pid);
  });
  return async () => (await childrenOf(process.pid)).filter((pid) => !before.includes(pid));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Listed {
  readonly pid: number;
  readonly parent: number;
}

async function fromProc(): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The name, in parentheses, may hold anything.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state !== undefined && state !== 'Z')
      listed.push({ pid: Number(name), parent: Number(parent) });
  }
  return listed;
}

async function fromPs(): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0]) => ({ pid, parent }));
}

/** Resident memory of a process on Linux, in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** The command line of a process on Linux, and the processor seconds that it has used. */
export async function lookAtProcess(
  pid: number,
): Promise<{ readonly command: string; readonly seconds: number }> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  return { command: command.replaceAll('\0', ' '), seconds: ticks / TICKS_PER_SECOND };
}

const TICKS_PER_SECOND = 100;
