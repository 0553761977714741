import { describe, expect, it } from 'vitest';
import { commitKey } from '../../delta/log/log-files.js';
import { fileKey } from '../../delta/read/file-key.js';
import { finalize, newPlace } from '../../testing/table-runs.js';

describe('a table by partition', () => {
  it('has partition columns, and files with their values and encoded paths', async () => {
    const { store, run } = newPlace(['p']);
    await finalize(store, await run('a', 'append', ['x/y=% é', null]));
    const text = Buffer.from((await store.read(commitKey(0))) ?? []).toString();
    const actions = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(actions[0]).toMatchObject({
      commitInfo: { operationParameters: { mode: 'Append', partitionBy: '["p"]' } },
    });
    expect(actions[2].metaData.partitionColumns).toEqual(['p']);
    expect(JSON.parse(actions[2].metaData.schemaString).fields).toMatchObject([
      { name: 'p', type: 'string' },
      { name: 'score', type: 'float' },
    ]);
    const added = actions.flatMap(({ add }) => (add === undefined ? [] : [add]));
    expect(added.slice(0, 2)).toMatchObject([
      {
        path: 'p=x%252Fy%253D%2525%20%C3%A9/part-a-000000-000000.parquet',
        partitionValues: { p: 'x/y=% é' },
      },
      {
        path: 'p=__HIVE_DEFAULT_PARTITION__/part-a-000000-000000.parquet',
        partitionValues: { p: null },
      },
    ]);
    expect(added).toHaveLength(4);
    for (const { path, size } of added) {
      expect((await store.head(fileKey(path, store.uri, 'log')))?.bytes).toBe(size);
    }
  });
});
