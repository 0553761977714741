import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all its descendants used at most, together, at one moment. */
export interface TreePeaks {
  /** Sum of resident sizes: counts what processes share once for each. */
  readonly rssBytes: number;
  /** Sum of proportional sizes: counts what processes share once. */
  readonly pssBytes: number;
  readonly processes: number;
  readonly samples: number;
  /** Bytes asked for by read calls, from the page cache or not. */
  readonly readBytes: number;
}

const INTERVAL_MS = 50;

/**
 * Watches a process tree from now on, by `/proc`, every 50 ms. Looking at memory maps holds up the
 * processes a little: do not take times from a run that is watched.
 * @returns a function that ends it.
 */
export function watchProcessTree(root: number): () => TreePeaks {
  const peaks = { rssBytes: 0, pssBytes: 0, processes: 0, samples: 0, readBytes: 0 };
  const sample = (): void => {
    const sums = { rssBytes: 0, pssBytes: 0, readBytes: 0 };
    const tree = processTree(root);
    for (const pid of tree) {
      const rollup = readProc(pid, 'smaps_rollup');
      sums.rssBytes += field(rollup, 'Rss') * 1024;
      sums.pssBytes += field(rollup, 'Pss') * 1024;
      // Linux adds a child's count to its parent's when the child has ended.
      sums.readBytes += field(readProc(pid, 'io'), 'rchar');
    }
    peaks.rssBytes = Math.max(peaks.rssBytes, sums.rssBytes);
    peaks.pssBytes = Math.max(peaks.pssBytes, sums.pssBytes);
    peaks.readBytes = Math.max(peaks.readBytes, sums.readBytes);
    peaks.processes = Math.max(peaks.processes, tree.length);
    peaks.samples++;
  };
  const timer = setInterval(sample, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    return peaks;
  };
}

/** A process and its descendants, as far as they are there. */
function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const stat = readProc(pid, 'stat');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  // The list grows while it is walked.
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Empty where the process has ended. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** The number of a line `Name: 123 kB`; 0 where there is none. */
function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
