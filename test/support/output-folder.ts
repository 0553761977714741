import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** A file as it is on disk: who rewrites it changes one of these. */
export interface FileFact {
  readonly inode: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/** Visible Parquet files of an output folder, by name; none where there is no folder. */
export async function partFacts(out: string): Promise<Map<string, FileFact>> {
  const names = await readdir(out).catch(() => []);
  const facts = new Map<string, FileFact>();
  for (const name of names.filter((n) => n.endsWith('.parquet')).toSorted()) {
    const file = path.join(out, name);
    const { ino, mtimeMs } = await stat(file);
    facts.set(name, { inode: ino, mtimeMs, sha256: await sha256Of(file) });
  }
  return facts;
}

export async function sha256Of(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** `_SUCCESS` and manifests below a folder: what makes a result look complete. */
export async function finishedMarks(out: string): Promise<string[]> {
  const names = await readdir(out, { recursive: true }).catch(() => []);
  return names.filter((name) => /(^|\/)(_SUCCESS|manifest\.json)$/.test(name)).toSorted();
}

/** Ids of the runs that a folder has a plan of. */
export async function runIds(out: string): Promise<string[]> {
  const names = await readdir(path.join(out, '_shardmill'), { recursive: true }).catch(() => []);
  return names.flatMap((name) => /^([^/]+)\/plan\.json$/.exec(name)?.[1] ?? []).toSorted();
}
