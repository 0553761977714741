import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql, withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './read-checkpoint.js';

async function read(target: string) {
  const { size } = await stat(target);
  const lines = await readCheckpoint(
    { uri: 's3://lake/c.parquet', bytes: size, etag: 'e' },
    target,
  );
  return lines.map((line): unknown => JSON.parse(line));
}

const ADD = `{path: 'a%20b.parquet', partitionValues: MAP {'d': '2026-01-01', 'c': NULL}, size: 9007199254740991, stats: '{}', modificationTime: 1}`;
const NO_ADD = `NULL::STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, stats VARCHAR, modificationTime INTEGER)`;
const PROTOCOL = `{minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['timestampNtz'], writerFeatures: ['timestampNtz']}`;

describe('reading a checkpoint', () => {
  it('gives its actions as the log has them, without those of removed files', () =>
    withFolder(async (folder) => {
      const target = path.join(folder, 'c.parquet');
      await writeParquet(
        target,
        `SELECT ${ADD} AS add, NULL::STRUCT(appId VARCHAR, version BIGINT) AS txn, NULL::STRUCT(minReaderVersion INT, minWriterVersion INT, readerFeatures VARCHAR[], writerFeatures VARCHAR[]) AS protocol, NULL::STRUCT(path VARCHAR) AS remove
         UNION ALL SELECT ${NO_ADD}, {appId: 'x', version: 3}, NULL, NULL
         UNION ALL SELECT ${NO_ADD}, NULL, ${PROTOCOL}, NULL
         UNION ALL SELECT ${NO_ADD}, NULL, NULL, {path: 'gone.parquet'}`,
      );
      expect(await read(target)).toEqual([
        {
          add: {
            path: 'a%20b.parquet',
            partitionValues: { d: '2026-01-01', c: null },
            size: 9007199254740991,
          },
        },
        { txn: { appId: 'x', version: 3 } },
        {
          protocol: {
            minReaderVersion: 3,
            minWriterVersion: 7,
            readerFeatures: ['timestampNtz'],
            writerFeatures: ['timestampNtz'],
          },
        },
      ]);
    }));

  it('refuses a damaged one', () =>
    withFolder(async (folder) => {
      const target = path.join(folder, 'c.parquet');
      await writeFile(target, 'PAR1 not at all PAR1');
      await expect(read(target)).rejects.toMatchObject({
        code: 'TABLE_LOG_DAMAGED',
        where: 's3://lake/c.parquet',
      });
    }));

  it('reads a column that is no action as none', () =>
    withFolder(async (folder) => {
      const target = path.join(folder, 'c.parquet');
      await sql(`COPY (SELECT 1 AS add, 'x' AS other) TO '${target}' (FORMAT parquet)`);
      expect(await read(target)).toEqual([]);
    }));
});
