import { renameColumns } from './rename-columns.js';
import type { Workplace } from './workplace.js';

/** Writes a file whose columns are renamed to names that SQL cannot give. */
export async function writeNamed(
  place: Workplace,
  file: string,
  columns: readonly (readonly [name: string, sql: string])[],
  rows = 2,
): Promise<void> {
  const items = columns.map(([, sql], index) => `${sql} AS renamed_${index}_`);
  const query = `SELECT ${items.join(', ')} FROM range(${rows}) r(i)`;
  const written = await place.writeParquet(file, query, 'ROW_GROUP_SIZE 2048');
  await renameColumns(
    written,
    columns.map(([name], index) => [`renamed_${index}_`, name] as const),
  );
}
