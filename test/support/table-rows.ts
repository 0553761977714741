import { readdir, readFile } from 'node:fs/promises';
import type { Workplace } from './workplace.js';

/** The files of a table at its newest version, by what its commits add and remove. */
export async function tableFiles(place: Workplace, out: string): Promise<Map<string, unknown>> {
  const log = place.path(out, '_delta_log');
  const files = new Map<string, unknown>();
  for (const name of (await readdir(log)).filter((one) => one.endsWith('.json')).toSorted()) {
    const text = await readFile(place.path(out, '_delta_log', name), 'utf8');
    for (const line of text.trim().split('\n')) {
      const { add, remove } = JSON.parse(line);
      if (remove !== undefined) files.delete(decodeURIComponent(remove.path));
      if (add !== undefined) files.set(decodeURIComponent(add.path), add.partitionValues);
    }
  }
  return files;
}

/** Rows of these files, with the columns of their folders. */
export async function tableRows(place: Workplace, out: string, columns: string, rest = '') {
  const files = [...(await tableFiles(place, out)).keys()];
  const list = files.map((file) => `'${place.path(out, file)}'`).join(', ');
  return place.sql(
    `SELECT ${columns} FROM read_parquet([${list}], hive_partitioning = true, hive_types_autocast = false) ${rest}`,
  );
}
