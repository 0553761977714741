import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Stores, TAIL_BYTES } from '@shardmill/core';
import {
  type S3FaultProxy,
  type S3Server,
  startS3FaultProxy,
  startS3Server,
} from '@shardmill/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobOf } from '../../testing/job.js';
import { fakeBinder, withFolder, writeParquet } from '../../testing/parquet.js';
import { listInput } from './list-input.js';
import { makePlan } from '../make-plan.js';
import { refuseOutputInsideInput } from './output-inside-input.js';

let server: S3Server;
let proxy: S3FaultProxy;
let stores: Stores;

const KEYS = [
  'd/b.parquet',
  'd/a.parquet',
  'd/sub/c.parq',
  'd/sub/note.txt',
  'd/_tmp/x.parquet',
  'd/.hidden.parquet',
  'd/_SUCCESS',
  'd2/a[1].parquet',
  'd2/a1.parquet',
  'csv/a.csv',
  'csv/b.csv',
  'csv/_SUCCESS',
  'hive/day=2026-01-31/n=1/city=a%20b/x.parquet',
  'hive/day=2026-02-01/n=-2/city=__HIVE_DEFAULT_PARTITION__/x.parquet',
  'customers/a.parquet',
];

beforeAll(async () => {
  server = await startS3Server();
  Object.assign(process.env, server.env);
  proxy = await startS3FaultProxy({ target: server.endpoint });
  stores = new Stores({ s3: { endpoint: proxy.endpoint } });
  await server.createBucket('lake');
  await server.createBucket('empty');
  const lake = stores.open('s3://lake');
  await Promise.all(KEYS.map((key) => lake.create(key, Buffer.from(key))));
});
afterAll(async () => {
  await stores.close();
  await proxy.close();
  await server.close();
});

async function list(uri: string | string[], hivePartitioning = true) {
  const listing = await listInput({ stores, uri, base: '/', hivePartitioning });
  return { ...listing, keys: listing.files.map((file) => file.uri.slice('s3://lake/'.length)) };
}

describe('listing S3', () => {
  it('takes a folder at any depth, in byte order, without hidden names, with what pins each', async () => {
    const { keys, files } = await list('s3://lake/d/');
    expect(keys).toEqual(['d/a.parquet', 'd/b.parquet', 'd/sub/c.parq']);
    for (const { uri, bytes, etag } of files) {
      const { store, key } = stores.objectAt(uri);
      expect(await store.head(key)).toMatchObject({ bytes, etag });
    }
    expect((await list('s3://lake', false)).keys).toHaveLength(8);
  });

  it.each([
    ['d/a.parquet', ['d/a.parquet']],
    ['d/*.parquet', ['d/a.parquet', 'd/b.parquet']],
    ['d/?.parquet', ['d/a.parquet', 'd/b.parquet']],
    ['d/[!a].parquet', ['d/b.parquet']],
    ['d/[b-z].parquet', ['d/b.parquet']],
    ['d/**/*.parq*', ['d/a.parquet', 'd/b.parquet', 'd/sub/c.parq']],
    ['d/{a.parquet,sub/*.parq}', ['d/a.parquet', 'd/sub/c.parq']],
    ['d/**', ['d/a.parquet', 'd/b.parquet', 'd/sub/c.parq']],
    ['*/sub', ['d/sub/c.parq']],
    ['d/_t*/*', ['d/_tmp/x.parquet']],
    ['d/s*/note.txt', ['d/sub/note.txt']],
    ['d2/a[1].parquet', ['d2/a[1].parquet']],
  ])('%s', async (pattern, expected) => {
    expect((await list(`s3://lake/${pattern}`)).keys).toEqual(expected);
  });

  it('requests only what begins as the pattern does', async () => {
    const before = proxy.requests().length;
    await list('s3://lake/hive/day=2026-02*/**/*.parquet');
    const listings = proxy.requests().slice(before);
    const prefixes = listings.map(({ query }) => new URLSearchParams(query).get('prefix'));
    expect(prefixes).toEqual([
      null,
      'hive/day=2026-02*/**/*.parquet/',
      'hive/day=2026-02',
      // Whether the folder above is a table's, which a narrower prefix would not show.
      'hive/_delta_log/',
      'hive/.hoodie/',
      'hive/metadata/',
    ]);
  });

  it('lists a file once that two locations name', async () => {
    const { keys, sources } = await list(['s3://lake/d/b.parquet', 's3://lake/d/*.parquet']);
    expect(keys).toEqual(['d/b.parquet', 'd/a.parquet']);
    expect(sources.map(({ kind }) => kind)).toEqual(['file', 'glob']);
  });

  it('takes partitions from the key, as from folders', async () => {
    const { files, partitionColumns } = await list('s3://lake/hive');
    expect(partitionColumns).toEqual([
      { name: 'day', type: 'DATE' },
      { name: 'n', type: 'BIGINT' },
      { name: 'city', type: 'VARCHAR' },
    ]);
    expect(files.map((file) => file.partition)).toEqual([
      ['2026-01-31', '1', 'a b'],
      ['2026-02-01', '-2', null],
    ]);
    expect((await list('s3://lake/hive', false)).partitionColumns).toEqual([]);
  });

  it.each([
    [
      's3://lake/custmers',
      'INPUT_NOT_FOUND',
      /no "custmers" in s3:\/\/lake\. Did you mean "customers"/,
    ],
    ['s3://lake/custmers/2026/x', 'INPUT_NOT_FOUND', /no "custmers" in s3:\/\/lake\./],
    [
      's3://lake/d/c.parquet',
      'INPUT_NOT_FOUND',
      /no "c.parquet" in s3:\/\/lake\/d\. Did you mean "[ab]\.parquet"/,
    ],
    ['s3://lake/d/*.orc', 'INPUT_NOT_FOUND', /nothing in s3:\/\/lake\/d matches "\*\.orc"/],
    ['s3://lake/dd/*.parquet', 'INPUT_NOT_FOUND', /no "dd" in s3:\/\/lake\./],
    [
      's3://lake/csv',
      'INPUT_EMPTY',
      /none of 2 files in this folder and below is Parquet: .* \(1 names/,
    ],
    ['s3://lake/c[s]v', 'INPUT_EMPTY', /hold no Parquet/],
    ['s3://empty', 'INPUT_EMPTY', /there is no file in this folder/],
    ['s3://empty/x', 'INPUT_NOT_FOUND', /The bucket is empty/],
    ['s3://no-such-bucket/x', 'INPUT_NOT_FOUND', /NoSuchBucket/],
  ])('refuses %s with %s', async (uri, code, message) => {
    await expect(list(uri)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe('an output location in S3', () => {
  it.each([
    ['s3://lake/d', 's3://lake/d', true],
    ['s3://lake/d', 's3://lake/d/out', true],
    ['s3://lake/d', 's3://lake/d/_out', false],
    ['s3://lake/d', 's3://lake/d2', false],
    ['s3://lake/d', 's3://other/d', false],
    ['s3://lake/d', '/lake/d/out', false],
    ['s3://lake', 's3://lake/out', true],
    ['s3://lake/d/**/*.parquet', 's3://lake/d/out', true],
    ['s3://lake/d/*.parquet', 's3://lake/d/out', false],
    ['s3://lake/d/a.parquet', 's3://lake/d', false],
  ])('input %s, output %s: refused %s', async (uri, output, refused) => {
    const check = refuseOutputInsideInput(await list(uri, false), output);
    if (refused) await expect(check).rejects.toMatchObject({ code: 'OUTPUT_INSIDE_INPUT' });
    else await check;
  });
});

it('plans from one listing and one read of each footer, under the listed ETag', () =>
  withFolder(async (base) => {
    const file = path.join(base, 'a.parquet');
    await writeParquet(file, 'SELECT i AS a, random() AS b FROM range(50000) r(i)');
    const bytes = await readFile(file);
    const lake = stores.open('s3://lake');
    const keys = Array.from({ length: 40 }, (_, i) => `plan/${i}.parquet`);
    await Promise.all(keys.map((key) => lake.create(key, bytes)));
    const before = proxy.requests().length;
    const made = await makePlan({
      job: jobOf({
        input: { uri: 's3://lake/plan' },
        output: { uri: 's3://lake/out', columns: { a: 'a' } },
      }),
      jobFile: path.join(base, 'job.yaml'),
      params: {},
      runId: 'r1',
      now: new Date(0),
      stores,
      binder: {
        ...fakeBinder(() => ({ used: ['a'] })),
        describeInput: async () => [
          { name: 'a', type: 'BIGINT' },
          { name: 'b', type: 'DOUBLE' },
        ],
      },
    });
    const sent = proxy.requests().slice(before);
    const reads = sent.filter(({ method, range }) => method === 'GET' && range !== undefined);
    expect(sent.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
    expect(sent.length - reads.length).toBe(2);
    // The first file's footer, to which the job is bound, is kept.
    expect(reads).toHaveLength(keys.length);
    expect(reads.reduce((sum, { bytesOut }) => sum + bytesOut, 0)).toBe(40 * TAIL_BYTES);
    expect(reads.every(({ ifMatch }) => ifMatch !== undefined)).toBe(true);
    expect(made.plan.totals).toMatchObject({ files: 40, rows: 2_000_000 });
    expect(made.plan.inputUris).toEqual(['s3://lake/plan']);
    expect(made.pages[0]?.shards[0]?.files[0]).toMatchObject({
      uri: 's3://lake/plan/0.parquet',
      bytes: bytes.length,
      etag: (await lake.head('plan/0.parquet'))?.etag,
    });
  }));
