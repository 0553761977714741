import { link, mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type Column,
  FileStore,
  mapConcurrent,
  partFileKey,
  partitionFolders,
  planKey,
} from '@shardmill/core';
import { commitTable } from '@shardmill/scheduler';
import { workPath } from '../work-folder.js';
import { type CommitAnswer, commitRequest } from './commit-request.js';

/** Commits files to a table twice: as its first rows, then in place of them. */

const request = commitRequest.parse(JSON.parse(process.argv[2] ?? ''));
const LINKS_AT_ONCE = 16;

const folder = await workPath('commit-table');
await rm(folder, { recursive: true, force: true });
const store = new FileStore(folder);
const { seed, rows: rowsOfFile } = request;
const { size: bytes } = await stat(seed);
const columns: Column[] = [
  { name: 'bucket', type: 'BIGINT' },
  { name: 'id', type: 'BIGINT' },
  { name: 'ts', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: 'score', type: 'DOUBLE' },
];

const commit = await commitRun('20260101T000000Z-00000001', 'append');
const { bytes: commitBytes = 0 } = (await store.head('_delta_log/00000000000000000000.json')) ?? {};
const replace = await commitRun('20260101T000000Z-00000002', 'overwrite');
const answer: CommitAnswer = {
  files: request.files,
  commit,
  replace,
  commitBytes,
  peakBytes: process.resourceUsage().maxRSS * 1024,
};
await rm(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify(answer));

async function commitRun(
  runId: string,
  mode: 'append' | 'overwrite',
): Promise<{ readonly ms: number; readonly cpuMs: number }> {
  const parts = await writeParts(runId);
  await store.create(planKey(runId), Buffer.from('{}'));
  const output = { columns, partitionBy: ['bucket'] };
  const [before, started] = [process.cpuUsage(), performance.now()];
  await commitTable(
    {
      store,
      plan: { runId, mode, scoring: { output } },
      now: new Date(),
      versions: { shardmill: 'bench' },
    },
    { parts, statistics: {} },
  );
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
}

/** Names of one and the same file, each as the file of a partition. */
async function writeParts(runId: string) {
  const rows = { read: rowsOfFile, scored: rowsOfFile, rejected: 0, filtered: 0 };
  const parts = Array.from({ length: request.files }, (_, index) => {
    const partition = { bucket: String(index % request.partitions) };
    const part = Math.floor(index / request.partitions);
    const key = partFileKey(partitionFolders(['bucket'], partition), runId, part, 0);
    return { key, bytes, sha256: '', shard: part, part: 0, rows, partition };
  });
  for (const { key } of parts.slice(0, request.partitions)) {
    await mkdir(path.dirname(path.join(folder, key)), { recursive: true });
  }
  await mapConcurrent(parts, LINKS_AT_ONCE, ({ key }) => link(seed, path.join(folder, key)));
  return parts;
}
