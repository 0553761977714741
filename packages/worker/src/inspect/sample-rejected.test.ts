import { stat } from 'node:fs/promises';
import path from 'node:path';
import { withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { describe, expect, it } from 'vitest';
import { sampleRejected } from './sample-rejected.js';

async function sample(target: string) {
  const { size } = await stat(target);
  return sampleRejected({ uri: target, bytes: size, etag: 'e' }, target);
}

describe('a sample of rejected rows', () => {
  it('has the first rows of each reason, with their values as text', () =>
    withFolder(async (folder) => {
      const target = path.join(folder, 'part-000000-000000');
      await writeParquet(
        target,
        `SELECT i AS id, if(i = 1, NULL, [i]) AS "a ""b", 'f' AS _file, i * 10 AS _row,
           if(i % 2 = 0, 'even', 'odd') AS _reason FROM range(20) AS t(i)`,
      );
      expect(await sample(target)).toEqual({
        columns: ['id', 'a "b', '_file', '_row'],
        rows: [
          { reason: 'even', values: ['0', '[0]', 'f', '0'] },
          { reason: 'odd', values: ['1', null, 'f', '10'] },
          { reason: 'even', values: ['2', '[2]', 'f', '20'] },
          { reason: 'odd', values: ['3', '[3]', 'f', '30'] },
          { reason: 'even', values: ['4', '[4]', 'f', '40'] },
          { reason: 'odd', values: ['5', '[5]', 'f', '50'] },
        ],
      });
    }));

  it('cuts long values, and reasons as records count them', () =>
    withFolder(async (folder) => {
      const target = path.join(folder, 'part');
      await writeParquet(target, `SELECT repeat('x', 500) AS text, repeat('r', 500) AS _reason`);
      const { rows } = await sample(target);
      expect(rows).toEqual([{ reason: 'r'.repeat(200), values: ['x'.repeat(200)] }]);
    }));

  it('says which file cannot be read', () =>
    withFolder(async (folder) => {
      const target = path.join(folder, 'part');
      await writeParquet(target, 'SELECT 1 AS no_reason');
      await expect(sample(target)).rejects.toMatchObject({
        code: 'INPUT_UNREADABLE',
        where: target,
      });
    }));
});
