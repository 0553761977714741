import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { useDatabase } from '../testing/use-database.js';
import { digestFile, readPartFile } from './part-file.js';

const { connection, pathOf } = useDatabase();

/** A file of so many rows; numbers that do not compress take 8 bytes each. */
async function write(name: string, rows: number): Promise<{ file: string; bytes: Buffer }> {
  const file = pathOf(name);
  await connection().run(
    `COPY (SELECT if(i % 4 = 0, NULL, hash(i)) AS x FROM range(${rows}) r(i)) TO '${file}' (FORMAT parquet)`,
  );
  return { file, bytes: await readFile(file) };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a part file', () => {
  it.each([
    ['of a few rows', 10],
    ['that is read in pieces', 400_000],
  ])('%s has its digest, and what its footer counts', async (name, rows) => {
    const { file, bytes } = await write(name, rows);
    const digest = { bytes: bytes.length, sha256: sha256(bytes) };
    expect(await digestFile(file)).toEqual(digest);
    expect(await readPartFile(file)).toEqual({
      ...digest,
      footer: { rows, leaves: [{ path: ['x'], nulls: Math.ceil(rows / 4) }] },
    });
  });

  it('is read whole where it is as long as what is read at once', async () => {
    const { bytes } = await write('small', 10);
    const [file, padding] = [pathOf('padded'), Buffer.alloc(2 ** 20 - bytes.length)];
    await writeFile(file, Buffer.concat([padding, bytes]));
    const found = await readPartFile(file);
    expect(found).toMatchObject({ bytes: 2 ** 20, footer: { rows: 10 } });
    expect(found.sha256).toBe(sha256(await readFile(file)));
  });

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['is cut off', (bytes) => bytes.subarray(0, -1), 'does not end in "PAR1"'],
    ['is empty', () => Buffer.alloc(0), 'has only 0 bytes'],
    ['lacks the start of its footer', (bytes) => bytes.subarray(-20), 'beyond its start'],
  ])('is refused where it %s', async (name, damage, message) => {
    const { bytes } = await write('damaged', 10);
    const file = pathOf(name);
    await writeFile(file, damage(bytes));
    const error: unknown = await readPartFile(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).toContain(message);
  });
});
