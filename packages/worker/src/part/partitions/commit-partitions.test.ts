import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  FileStore,
  type ObjectContent,
  partFileKey,
  partIndexKey,
  type PlannedShard,
  ShardmillError,
} from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleScoring } from '../../testing/sample-scoring.js';
import { partMetadata, rowsEntry } from '../../write/part-metadata.js';
import { copyResults } from '../../write/write-part.js';
import type { ScoredPart } from '../part-context.js';
import { commitPartitions } from './commit-partitions.js';
import { describeIndexedPart } from './existing-index.js';

const ROWS = { read: 12, scored: 12, rejected: 0, filtered: 0 };
const PART = { part: 0, rows: 12, slices: [] };
const SHARD: PlannedShard = { shard: 1, rows: 12, files: [], parts: [PART] };
const KEYS = ['0', '1', '2'].map((value) => partFileKey(`p=${value}/`, 'r', 1, 0));
const INDEX = partIndexKey('r', 1, 0);

let folder = '';
let store: StoreThatDies;
let instance: DuckDBInstance;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-partitions-'));
  store = new StoreThatDies(path.join(folder, 'out'));
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
});
afterEach(async () => {
  instance.closeSync();
  await rm(folder, { recursive: true, force: true });
});

/** Creates so many objects, and is then killed. */
class StoreThatDies extends FileStore {
  createsLeft = Infinity;
  override async create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    if (this.createsLeft-- <= 0) throw new ShardmillError('ENGINE_CRASHED', 'killed');
    return super.create(key, content);
  }
}

type Compression = 'zstd' | 'snappy' | 'uncompressed';

/** Where an attempt works, whose files have bytes of their own by their compression. */
function placeOf(compression: Compression = 'zstd', planDigest = 'd') {
  const { output, ...scoring } = sampleScoring({ uri: folder, bytes: 1 });
  return {
    settings: {
      runId: 'r',
      planDigest,
      jobName: 'job',
      scoring: {
        ...scoring,
        output: {
          ...output,
          compression,
          partitionBy: ['p'],
          columns: [
            { name: 'p', type: 'BIGINT', sql: 'i % 3' },
            { name: 'score', type: 'DOUBLE', sql: 'score' },
          ],
        },
      },
      keys: [{ name: 'ids', columns: ['p', 'score'] }],
      batchRows: 1,
      tuneCalls: true,
      singlePass: 'never' as const,
      parts: 1,
      duckdbThreads: 1,
      duckdbMemoryBytes: 1,
      inputFolders: [],
      stagingFolder: folder,
      temporaryFolder: path.join(folder, 'tmp'),
    },
    shard: SHARD,
    store,
  };
}

/** An attempt at the part: rows i, of which those of one partition have the same i % 3. */
async function attempt(
  place = placeOf(),
  rows = 'range(12) r(i)',
  counts = ROWS,
): Promise<{ part: ScoredPart; created: string[] }> {
  const created: string[] = [];
  const connection = await instance.connect();
  const { settings, shard } = place;
  const metadata = { ...partMetadata(settings, shard, PART), ...rowsEntry(counts) };
  const { partitions = [] } = await copyResults(
    connection,
    { ...settings, metadata },
    `SELECT i % 3 AS p, i * 0.5::DOUBLE AS score FROM ${rows}`,
  );
  const files = {
    check: async () => {},
    stage: async () => 0,
    pathOf: String,
    close: async () => {},
  };
  const progress = (report: { readonly created?: string }): void => {
    if (report.created !== undefined) created.push(report.created);
  };
  const written = {
    rows: counts,
    known: new Map(),
    features: undefined,
    publishRejected: async () => null,
  };
  const context = { ...place, files, progress };
  const part = await commitPartitions(connection, context, PART, written, partitions, {});
  return { part, created };
}

async function expectWhole({ record, statistics }: ScoredPart): Promise<void> {
  expect(record.object.key).toBe(INDEX);
  expect(record.files?.map(({ key }) => key).toSorted()).toEqual(KEYS);
  for (const { key, bytes, rows } of record.files ?? []) {
    expect(await store.head(key)).toMatchObject({ bytes });
    expect(rows).toBe(4);
  }
  expect(statistics).toMatchObject({
    p: { count: 12, nulls: 0, numeric: null },
    score: { count: 12, numeric: { min: 0, max: 5.5 } },
  });
}

describe('a part with a file for each partition', () => {
  it('is there once its index is, and is described by that', async () => {
    const { part, created } = await attempt();
    await expectWhole(part);
    expect(created.toSorted()).toEqual(KEYS);
    expect(part.keys).toMatchObject([{ name: 'ids', rows: 12, repeated: 0 }]);
    expect(await describeIndexedPart(placeOf(), PART)).toEqual(part);
  });

  it.each([0, 1, 2, 3])(
    'is not there after a kill before create %i, and is made then',
    async (n) => {
      store.createsLeft = n;
      await expect(attempt(placeOf('snappy'))).rejects.toMatchObject({ message: 'killed' });
      store.createsLeft = Infinity;
      expect(await describeIndexedPart(placeOf(), PART)).toBeUndefined();
      const before = await Promise.all(KEYS.map((key) => store.head(key)));
      const { part } = await attempt();
      await expectWhole(part);
      // What was there stays as it was, though its bytes are others.
      for (const [index, key] of KEYS.entries()) {
        if (before[index] !== undefined) expect(await store.head(key)).toEqual(before[index]);
      }
    },
  );

  it('is one part of two attempts', async () => {
    const [one, other] = await Promise.all([attempt(), attempt(placeOf('uncompressed'))]);
    await expectWhole(one.part);
    expect(other.part.record).toEqual(one.part.record);
    expect([one, other].filter(({ part }) => part.madeByAnother === true)).toHaveLength(1);
    expect([...one.created, ...other.created].toSorted()).toEqual(KEYS);
  });
});

describe('a part is refused', () => {
  it('where a file is of another plan', async () => {
    await attempt(placeOf('zstd', 'another'));
    await store.delete(INDEX);
    await expect(attempt()).rejects.toMatchObject({
      code: 'OUTPUT_CONFLICT',
      message: expect.stringContaining('plan_digest is another, expected d'),
    });
    expect(await store.head(INDEX)).toBeUndefined();
  });

  it('where a file has other rows', async () => {
    await attempt();
    await store.delete(INDEX);
    await expect(
      attempt(
        placeOf(),
        '(VALUES (0), (0), (0), (0), (0), (1), (1), (1), (2), (2), (2), (2)) r(i)',
      ),
    ).rejects.toMatchObject({
      code: 'OUTPUT_CONFLICT',
      message: expect.stringMatching(/it has 4 rows, expected [53]/),
    });
  });

  it('where fewer rows are in its files than were scored', async () => {
    await expect(attempt(placeOf(), 'range(11) r(i)')).rejects.toMatchObject({
      code: 'ROW_ACCOUNTING',
      message: expect.stringContaining('in the written files'),
    });
    expect(await store.head(KEYS[0] ?? '')).toBeUndefined();
  });

  it('where its index is of another plan, or cannot be read', async () => {
    await attempt(placeOf('zstd', 'another'));
    const conflict = { code: 'OUTPUT_CONFLICT', where: store.locate(INDEX) };
    await expect(describeIndexedPart(placeOf(), PART)).rejects.toMatchObject(conflict);
    await writeFile(store.pathOf(INDEX), '{}');
    await expect(describeIndexedPart(placeOf(), PART)).rejects.toMatchObject(conflict);
  });

  it('where a file is gone, or has another size than its index says', async () => {
    await attempt();
    const [first = '', second = ''] = KEYS;
    await store.delete(first);
    await expect(describeIndexedPart(placeOf(), PART)).rejects.toMatchObject({
      code: 'OUTPUT_CONFLICT',
      message: expect.stringContaining('it is gone'),
      where: store.locate(first),
    });
    await attempt().catch(() => {});
    await writeFile(store.pathOf(second), 'x');
    await expect(describeIndexedPart(placeOf(), PART)).rejects.toMatchObject({
      message: expect.stringContaining('it has 1 bytes'),
    });
  });
});
