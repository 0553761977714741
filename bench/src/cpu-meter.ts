import { readFileSync } from 'node:fs';

/** Who took processor time since a moment. Not-a-number where the system is not Linux. */
export interface CpuReading {
  /** Processes that this one has started and that have ended since, with theirs. */
  readonly childrenMs: number;
  /** All of the machine but those and this process: other programs, and the host. */
  readonly othersMs: number;
  readonly wallMs: number;
}

/** Starts to measure processor time. @returns a function that reads it. */
export function startCpuMeter(): () => CpuReading {
  const wallBefore = performance.now();
  const ownBefore = process.cpuUsage();
  const childrenBefore = childrenCpuMs();
  const machineBefore = machineCpuMs();
  return () => {
    const own = process.cpuUsage(ownBefore);
    const childrenMs = childrenCpuMs() - childrenBefore;
    const machineMs = machineCpuMs() - machineBefore;
    return {
      childrenMs,
      othersMs: Math.max(0, machineMs - childrenMs - (own.user + own.system) / 1000),
      wallMs: performance.now() - wallBefore,
    };
  };
}

/** Linux counts in ticks of 1/100 s. */
const TICK_MS = 10;

function childrenCpuMs(): number {
  if (process.platform !== 'linux') return Number.NaN;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name of the program, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function machineCpuMs(): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}
