import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import type { Workplace } from './workplace.js';

/** Cuts a file off in its middle. */
export async function cutInHalf(file: string): Promise<void> {
  await truncate(file, Math.floor((await stat(file)).size / 2));
}

/** Puts bytes without meaning into a Parquet footer, which ends 8 bytes before the file does. */
export async function damageFooter(file: string): Promise<void> {
  const bytes = await readFile(file);
  const length = bytes.readUInt32LE(bytes.length - 8);
  const start = bytes.length - 8 - length;
  bytes.fill(0xff, start, start + (length >> 1));
  await writeFile(file, bytes);
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Makes one column of one row group, compressed with zstd, impossible to decode. */
export async function damagePage(
  place: Workplace,
  file: string,
  rowGroup: number,
  column: string,
): Promise<void> {
  const [chunk] = await place.sql(
    `SELECT data_page_offset AS start, total_compressed_size AS bytes FROM parquet_metadata('${file}')
     WHERE row_group_id = ${rowGroup} AND path_in_schema = '${column}'`,
  );
  const start = Number(chunk?.['start']);
  const bytes = await readFile(file);
  const frame = bytes.indexOf(ZSTD_MAGIC, start);
  if (frame < start || frame > start + Number(chunk?.['bytes'])) throw new Error('no zstd frame');
  bytes.fill(0, frame, frame + ZSTD_MAGIC.length);
  await writeFile(file, bytes);
}

/** Flips one bit in the middle of a file and keeps its size. */
export async function flipBit(file: string, at = 0.5): Promise<void> {
  const bytes = await readFile(file);
  const place = Math.floor(bytes.length * at);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(file, bytes);
}
