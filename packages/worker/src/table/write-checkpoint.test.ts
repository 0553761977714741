import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type CheckpointRequest, type InputFile, Stores } from '@shardmill/core';
import { sql, withFolder } from '@shardmill/test-kit/parquet';
import { expect, it } from 'vitest';
import { readCheckpoint } from '../inspect/read-checkpoint.js';
import { FooterStager } from '../stage/footer-stager.js';
import { writeCheckpoint } from './write-checkpoint.js';

const METADATA = {
  id: 't',
  format: { provider: 'parquet', options: {} },
  schemaString: '{}',
  partitionColumns: ['day'],
  configuration: { 'delta.checkpointInterval': '2' },
};
const protocol = { minReaderVersion: 1, minWriterVersion: 2 };
const add = (name: string, more: object = {}) => ({
  add: {
    path: `${name}.parquet`,
    partitionValues: { day: '2026-11-26', place: null },
    size: 9_007_199_254_740_991,
    modificationTime: 5,
    dataChange: true,
    stats: '{"numRecords":3}',
    ...more,
  },
});
const remove = (name: string, deletionTimestamp: number) => ({
  remove: { path: `${name}.parquet`, deletionTimestamp, dataChange: true, size: 1 },
});
const txn = (appId: string, version: number, lastUpdated?: number) => ({
  txn: { appId, version, ...(lastUpdated !== undefined && { lastUpdated }) },
});

/** A table in a folder, whose commits are written and whose checkpoints are made. */
class Table {
  constructor(readonly folder: string) {}

  async commit(version: number, actions: readonly object[]): Promise<InputFile> {
    const uri = path.join(this.folder, '_delta_log', `${String(version).padStart(20, '0')}.json`);
    await mkdir(path.dirname(uri), { recursive: true });
    await writeFile(uri, actions.map((action) => `${JSON.stringify(action)}\n`).join(''));
    return { uri, bytes: (await stat(uri)).size, etag: 'e' };
  }

  async checkpoint(version: number, request: Partial<CheckpointRequest>) {
    const stores = new Stores();
    const cache = path.join(this.folder, 'cache');
    const written = await writeCheckpoint(
      {
        table: this.folder,
        key: `_delta_log/${version}.checkpoint.parquet`,
        version,
        previous: undefined,
        commits: [],
        removedSince: 100,
        transactionsSince: undefined,
        ...request,
      },
      new FooterStager(cache, stores),
      stores,
    );
    const uri = path.join(this.folder, `_delta_log/${version}.checkpoint.parquet`);
    const file = { uri, bytes: (await stat(uri)).size, etag: 'e' };
    if (written.created) expect(file.bytes).toBe(written.bytes);
    // Nothing is left of what it was made with.
    expect(await readdir(path.join(cache, 'work'))).toEqual([]);
    return { written, file };
  }
}

const stateOf = async ({ uri }: InputFile) => {
  const rows = await sql(`SELECT to_json(c)::VARCHAR AS line FROM read_parquet('${uri}') c`);
  return rows.map(({ line }) => withoutNulls(JSON.parse(String(line))));
};

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, own]) => own !== null);
  return Object.fromEntries(entries.map(([key, own]) => [key, withoutNulls(own)]));
}

it('has the state of a version, and the next one goes on from it', () =>
  withFolder(async (folder) => {
    const table = new Table(folder);
    const first = [
      await table.commit(0, [
        { commitInfo: { timestamp: 1 } },
        { protocol },
        { metaData: METADATA },
        txn('a', 1, 50),
        add('one', { newField: { x: 1 }, tags: { t: 'u' } }),
        add('two'),
        add('vector'),
      ]),
      await table.commit(1, [
        remove('one', 99),
        remove('two', 100),
        txn('a', 2, 60),
        { domainMetadata: { domain: 'd', configuration: 'c', removed: false } },
        { domainMetadata: { domain: 'gone', configuration: 'c', removed: false } },
        { cdc: { path: 'c' } },
      ]),
      await table.commit(2, [
        add('two'),
        { domainMetadata: { domain: 'gone', configuration: '', removed: true } },
        { remove: { ...remove('vector', 200).remove } },
        add('vector', {
          deletionVector: {
            storageType: 'u',
            pathOrInlineDv: 'x',
            offset: 1,
            sizeInBytes: 2,
            cardinality: 3,
          },
        }),
      ]),
    ];
    const made = await table.checkpoint(2, { commits: first });
    expect(made.written).toMatchObject({ created: true, actions: 7, files: 2 });
    const stored = { ...add('two').add, dataChange: false, partitionValues: { day: '2026-11-26' } };
    const expected = [
      { protocol },
      { metaData: METADATA },
      { txn: { appId: 'a', version: 2, lastUpdated: 60 } },
      { domainMetadata: { domain: 'd', configuration: 'c', removed: false } },
      { add: stored },
      {
        add: {
          ...stored,
          path: 'vector.parquet',
          deletionVector: {
            storageType: 'u',
            pathOrInlineDv: 'x',
            offset: 1,
            sizeInBytes: 2,
            cardinality: 3,
          },
        },
      },
      { remove: { ...remove('vector', 200).remove, dataChange: false } },
    ];
    expect(await stateOf(made.file)).toEqual(expect.arrayContaining(expected));
    const lines = await readCheckpoint(made.file, made.file.uri);
    expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual({
      add: {
        path: 'two.parquet',
        partitionValues: { day: '2026-11-26', place: null },
        size: 9_007_199_254_740_991,
        deletionVector: null,
      },
    });

    const second = await table.commit(3, [remove('two', 300), add('three'), txn('b', 1, 400)]);
    const next = await table.checkpoint(3, {
      previous: { version: 2, files: [made.file] },
      commits: [second],
      removedSince: 250,
      transactionsSince: 100,
    });
    const state = await stateOf(next.file);
    expect(state).toHaveLength(7);
    expect(state).toEqual(
      expect.arrayContaining([
        expected[0],
        expected[1],
        { txn: { appId: 'b', version: 1, lastUpdated: 400 } },
        expected[3],
        expected[5],
        { add: { ...stored, path: 'three.parquet' } },
        { remove: { ...remove('two', 300).remove, dataChange: false } },
      ]),
    );
    expect((await table.checkpoint(3, { commits: first })).written.created).toBe(false);
  }));

it('is refused of a log without what a state needs, and leaves nothing', () =>
  withFolder(async (folder) => {
    const table = new Table(folder);
    const commits = [await table.commit(0, [{ protocol }, add('one')])];
    await expect(table.checkpoint(0, { commits })).rejects.toMatchObject({
      code: 'TABLE_LOG_DAMAGED',
      message: expect.stringContaining('1 protocols, 0 schemas'),
    });
    expect(await readdir(path.join(folder, '_delta_log'))).toHaveLength(1);
  }));
