import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ObjectStore, Stores } from '@shardmill/core';
import { type S3Server, startS3Server } from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listInput } from './list-input.js';

let server: S3Server;
let stores: Stores;
let folder: string;
let tests = 0;

beforeAll(async () => {
  server = await startS3Server();
  Object.assign(process.env, server.env);
  stores = new Stores();
  await server.createBucket('lake');
});
afterAll(async () => {
  await stores.close();
  await server.close();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-list-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe.each(['a folder', 'S3'])('of %s', (kind) => {
  let store: ObjectStore;
  beforeEach(() => {
    store = stores.open(kind === 'S3' ? `s3://lake/test-${++tests}` : folder);
  });

  async function put(keys: readonly string[], content = 'PAR1…PAR1'): Promise<void> {
    for (const key of keys) await store.create(key, Buffer.from(content));
  }

  async function list(...keys: string[]) {
    const uri = keys.map((key) => store.locate(key));
    const listing = await listInput({ stores, uri, base: '/', hivePartitioning: false });
    const names = listing.files.map((file) => file.uri.slice(store.uri.length + 1));
    return { ...listing, names };
  }

  it('reads Parquet without an extension, as Hive, Impala and Trino write it', async () => {
    const names = [
      '000000_0',
      '20260101_000000_00001_abcde',
      'b.pq',
      'e1-2_data.0.',
      'p.c000.parquet',
    ];
    await put(names.map((name) => `in/${name}`));
    const { names: found, notices } = await list('in');
    expect(found).toEqual(names.map((name) => `in/${name}`));
    expect(notices).toEqual([]);
    // A glob that matches the folder reads the same.
    expect((await list('i[n]')).names).toEqual(found);
  });

  it('counts and names the files that it does not read', async () => {
    await put(['in/a.parquet', 'in/sub/b.parquet']);
    await put(['in/d.csv', 'in/LICENSE', 'in/sub/notes.txt', 'in/z.orc', 'in/_SUCCESS'], 'text');
    const { names, notices } = await list('in');
    expect(names).toEqual(['in/a.parquet', 'in/sub/b.parquet']);
    expect(notices).toEqual([
      '4 other files are not read: LICENSE, d.csv, sub/notes.txt and 1 more',
    ]);
    expect((await list('in/*')).notices).toEqual(['1 other file is not read: sub/notes.txt']);
    expect((await list('in/*.parquet')).notices).toEqual([]);
  });

  it('does not take an empty or short file for Parquet', async () => {
    await put(['in/a.parquet']);
    await put(['in/000000_0'], '');
    await put(['in/000001_0'], 'PA');
    const { names, notices } = await list('in');
    expect(names).toEqual(['in/a.parquet']);
    expect(notices).toEqual(['2 other files are not read: 000000_0, 000001_0']);
  });

  it.each([
    ['Delta Lake', '_delta_log/00000000000000000000.json', '_delta_log'],
    ['Apache Iceberg', 'metadata/v1.metadata.json', 'metadata/v1.metadata.json'],
    ['Apache Hudi', '.hoodie/hoodie.properties', '.hoodie'],
  ])('refuses a table of %s, however its files would be found', async (format, metadata, sign) => {
    await put(['tbl/data/country=AE/part-0.parquet', 'tbl/country=AE/part-1.parquet']);
    await put(['tbl/part-2.parquet', 'plain/part-3.parquet', `tbl/${metadata}`]);
    const refusal = {
      code: 'INPUT_IS_TABLE',
      where: store.locate('tbl'),
      message: expect.stringContaining(`a table of ${format} (it has ${sign})`),
    };
    // The folder of a table of Delta Lake itself is read as that table.
    const own = format === 'Delta Lake' ? [] : ['tbl'];
    for (const key of [
      ...own,
      '',
      'tbl/*.parquet',
      'tbl/part-*',
      'tb[l]',
      'tbl/country=AE',
      'tbl/data/country=AE',
      'tbl/data/country=AE/*.parquet',
      't*/country=*/*.parquet',
      '*/*.parquet',
    ]) {
      await expect(list(key), key).rejects.toMatchObject(refusal);
    }
    // Files that the job names itself are read, and a table elsewhere does not matter.
    expect((await list('tbl/part-2.parquet', 'tbl/country=AE/part-1.parquet')).names).toHaveLength(
      2,
    );
    expect((await list('plain')).names).toEqual(['plain/part-3.parquet']);
    expect((await list('p*/*.parquet')).names).toEqual(['plain/part-3.parquet']);
  });

  it('takes a folder called metadata for data where it holds no table', async () => {
    await put(['in/metadata/a.parquet', 'in/data/b.parquet', 'in/metadata/readme.json']);
    expect((await list('in')).names).toEqual(['in/data/b.parquet', 'in/metadata/a.parquet']);
  });

  it.each([
    [
      'customers.csv',
      /^customers\.csv is CSV\. Convert it: duckdb -c "COPY \(FROM read_csv\('customers\.csv'\)\) TO 'customers\.parquet'"$/,
    ],
    ['events.jsonl.gz', /read_json\('events\.jsonl\.gz'\)\) TO 'events\.parquet'/],
    ['old.orc', /^old\.orc is ORC\. Write it as Parquet/],
  ])('says how to convert a folder of %s', async (name, remedy) => {
    await put([`in/${name}`], 'a,b');
    await expect(list('in')).rejects.toMatchObject({
      code: 'INPUT_EMPTY',
      remedy: expect.stringMatching(remedy),
    });
  });
});
