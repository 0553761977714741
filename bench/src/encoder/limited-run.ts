import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { howEnded, runNode } from '../child-process.js';
import { WrongResultError } from '../errors.js';
import { type TreePeaks, watchProcessTree } from '../process-memory.js';
import { below, type LimitedRun } from '../results.js';
import type { ProductJob } from '../run-product.js';
import { SHARDMILL } from '../work-folder.js';

const GOAL_FIRST_PROGRESS_MS = 5000;
/** A line of progress of which some rows are done. */
const ROWS_DONE = /: [1-9][\d,]* of [\d,]+ rows/;

const runDocument = z.object({
  elapsedMs: z.number(),
  rows: z.object({ scored: z.number() }),
});

/**
 * Runs a job with a memory limit and a cache folder of its own, in which no size of a call is
 * known. @throws WrongResultError where not all rows are scored
 */
export async function runLimited(
  network: string,
  job: ProductJob,
  memoryLimit: string,
  rows: number,
  cores: number,
): Promise<LimitedRun> {
  await rm(job.output, { recursive: true, force: true });
  const cache = await mkdtemp(path.join(tmpdir(), 'shardmill-bench-cache-'));
  const args = ['--limit', String(rows), '--output', job.output, '--memory-limit', memoryLimit];
  let stopWatching: (() => TreePeaks) | undefined;
  let firstProgressMs: number | undefined;
  const started = performance.now();
  const ended = await runNode(SHARDMILL, ['run', job.file, '--json', ...args], {
    cores,
    env: { SHARDMILL_CACHE_FOLDER: cache },
    onStart: (pid) => {
      stopWatching = watchProcessTree(pid);
    },
    onStderr: (text) => {
      if (ROWS_DONE.test(text)) firstProgressMs ??= performance.now() - started;
    },
  }).finally(() => stopWatching?.());
  await Promise.all([cache, job.output].map((one) => rm(one, { recursive: true, force: true })));
  const what = `${network} with --memory-limit ${memoryLimit}`;
  if (ended.code !== 0) throw new WrongResultError(`${what} ended with ${howEnded(ended)}`);
  const document = runDocument.parse(JSON.parse(ended.stdout));
  if (document.rows.scored !== rows || stopWatching === undefined) {
    throw new WrongResultError(`${what}: ${document.rows.scored} of ${rows} rows scored`);
  }
  return {
    network,
    memoryLimit,
    rowsPerSecond: (rows / document.elapsedMs) * 1000,
    peaks: stopWatching(),
    firstProgressMs,
    withinLimit: !ended.stderr.includes('had no room'),
    goal: below(GOAL_FIRST_PROGRESS_MS, firstProgressMs ?? document.elapsedMs),
  };
}
