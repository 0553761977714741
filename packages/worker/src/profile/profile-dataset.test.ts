import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type BoundFeature,
  fileEtag,
  type ProfileState,
  type Scoring,
  Stores,
} from '@shardmill/core';
import { withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { describe, expect, it } from 'vitest';
import { type DatasetShardRequest, profileDataset } from './profile-dataset.js';

const COLUMNS = [
  ['half', 'DOUBLE', 'float64'],
  ['wide', 'BIGINT', 'int64'],
  ['flag', 'BOOLEAN', 'bool'],
  ['text', 'VARCHAR', 'string'],
] as const;
const QUERY = `SELECT CASE WHEN i % 4 = 0 THEN NULL WHEN i % 4 = 1 THEN 'nan'::DOUBLE ELSE i / 2 END AS half,
  i - 5 AS wide, i % 2 = 0 AS flag, CASE WHEN i > 0 THEN 't' || i % 3 END AS text, i AS unused FROM range(10) r(i)`;

const features = COLUMNS.map(
  ([name, , type]): BoundFeature => ({
    input: name,
    type,
    layout: 'scalars',
    width: 1,
    rowShape: [1],
    columns: [{ label: name, sql: `"${name}"` }],
  }),
);
const columns = [
  ...COLUMNS.map(([name, type]) => ({ name, type })),
  { name: 'unused', type: 'BIGINT' },
];
const input: Scoring['input'] = {
  columns,
  used: COLUMNS.map(([name]) => name),
  layouts: [columns],
  partitionColumns: [],
  where: null,
};

/** The rows of a file in two parts of one shard. */
async function requestOf(uri: string): Promise<DatasetShardRequest> {
  const { size } = await stat(uri);
  const etag = fileEtag(await stat(uri, { bigint: true }));
  const slice = (firstRow: number, rows: number) => ({
    file: 0,
    firstRow,
    rows,
    firstRowGroup: 0,
    rowGroups: 1,
  });
  return {
    input,
    features,
    profile: {
      sampling: { every: 1, blockRows: 64 },
      features: features.map(({ input: name }, feature) => ({ name, feature, column: 0 })),
      omitted: 0,
    },
    shard: {
      shard: 0,
      rows: 10,
      files: [{ uri, bytes: size, etag, rows: 10, layout: 0, partition: [] }],
      parts: [
        { part: 0, rows: 7, slices: [slice(0, 7)] },
        { part: 1, rows: 3, slices: [slice(7, 3)] },
      ],
    },
  };
}

const inFile = (
  use: (request: DatasetShardRequest, profile: () => Promise<ProfileState>) => Promise<void>,
): Promise<void> =>
  withFolder(async (folder) => {
    const uri = path.join(folder, 'train.parquet');
    await writeParquet(uri, QUERY);
    const request = await requestOf(uri);
    await use(request, () => profileDataset(request, new Stores(), folder));
  });

describe('the profile of a data set', () => {
  it('is of all rows of all parts, of columns as they are', () =>
    inFile(async (_, profile) => {
      const { sampledRows, features: states, outputs } = await profile();
      expect([sampledRows, outputs]).toEqual([10, []]);
      expect(states.map(({ state }) => state)).toEqual([
        expect.objectContaining({ count: 10, nulls: 3, nan: 3, min: 1, max: 3.5 }),
        expect.objectContaining({ count: 10, nulls: 0, min: -5, max: 4 }),
        expect.objectContaining({
          values: [
            [0, 5],
            [1, 5],
          ],
        }),
        expect.objectContaining({
          count: 10,
          nulls: 1,
          values: [
            ['t0', 3],
            ['t1', 3],
            ['t2', 3],
          ],
        }),
      ]);
    }));

  it('is of no file that is another one than was listed', () =>
    inFile(async ({ shard }, profile) => {
      const [file] = shard.files;
      await writeParquet(file?.uri ?? '', `${QUERY} WHERE i < 8`);
      await expect(profile()).rejects.toMatchObject({ code: 'INPUT_CHANGED', where: file?.uri });
    }));
});
