import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import parquet from 'parquetjs-lite';

/** Readers of Parquet that share no code with DuckDB, which wrote the files. */

export async function readByHyparquet(
  files: readonly string[],
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const file of files) {
    rows.push(...(await parquetReadObjects({ file: await asyncBufferFromFile(file) })));
  }
  return rows;
}

export async function readByParquetjs(
  files: readonly string[],
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const file of files) {
    const reader = await parquet.ParquetReader.openFile(file);
    try {
      const cursor = reader.getCursor();
      for (let row = await cursor.next(); row !== null; row = await cursor.next()) rows.push(row);
    } finally {
      await reader.close();
    }
  }
  return rows;
}

/** Key-value metadata of a Parquet footer. */
export async function keyValues(file: string): Promise<ReadonlyMap<string, string | undefined>> {
  const { key_value_metadata: pairs = [] } = await parquetMetadataAsync(
    await asyncBufferFromFile(file),
  );
  return new Map(pairs.map(({ key, value }) => [key, value]));
}
