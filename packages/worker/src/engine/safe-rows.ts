import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '@shardmill/core';
import type { ExecutionProvider } from '@shardmill/core';

/** What rows have room for: a model on a kind of device. */
export interface SafeRowsKey {
  /** SHA-256 of the model file. */
  readonly model: string;
  readonly provider: ExecutionProvider;
  readonly device: string;
}

/**
 * So long a size is kept: what else was on the device is gone by then, and a batch that has no room
 * after all costs a few calls.
 */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** The rows for which there was room, as another process may have learned. */
export async function readSafeRows(
  cacheFolder: string,
  key: SafeRowsKey,
  now: Date,
): Promise<number | undefined> {
  try {
    const entry: unknown = JSON.parse(await readFile(fileOf(cacheFolder, key), 'utf8'));
    const rows: unknown = Reflect.get(Object(entry), 'rows');
    const at = Date.parse(String(Reflect.get(Object(entry), 'at')));
    const valid = typeof rows === 'number' && Number.isSafeInteger(rows) && rows > 0;
    return valid && now.getTime() - at < KEPT_MS ? rows : undefined;
  } catch {
    // Not there, or not readable: a hint that is missing costs a few calls.
    return undefined;
  }
}

/** Keeps the smaller of these rows and what is kept already. A failure is swallowed: it is a hint. */
export async function rememberSafeRows(
  cacheFolder: string,
  key: SafeRowsKey,
  rows: number,
  now: Date,
): Promise<void> {
  const known = await readSafeRows(cacheFolder, key, now);
  if (known !== undefined && known <= rows) return;
  const file = fileOf(cacheFolder, key);
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await makeFolder(path.dirname(file));
    await writeFile(unfinished, `${JSON.stringify({ ...key, rows, at: now.toISOString() })}\n`);
    await rename(unfinished, file);
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}

function fileOf(cacheFolder: string, { model, provider, device }: SafeRowsKey): string {
  const place = createHash('sha256').update(`${provider}\n${device}`).digest('hex').slice(0, 12);
  return path.join(cacheFolder, 'batch-sizes', `${model}-${provider}-${place}.json`);
}
