import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { addOf, commit, metaDataOf, PROTOCOL, removeOf } from '../../testing/delta-table.js';
import { MemoryStore } from '../../testing/memory-store.js';
import { commitKey } from '../log/log-files.js';
import type { VersionRequest } from '../log/find-version.js';
import { listTable } from './list-table.js';

const SCHEMA = metaDataOf([
  { name: 'id', type: 'long' },
  { name: 'x', type: 'float' },
]);
const FEATURES = (...readerFeatures: string[]) => ({
  protocol: {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures,
    writerFeatures: readerFeatures,
  },
});
const VECTOR = {
  storageType: 'u',
  pathOrInlineDv: 'ab^-aqEH.-t@S}K{vb[*k^',
  offset: 4,
  sizeInBytes: 40,
  cardinality: 6,
};

async function table(
  commits: readonly (readonly object[])[],
  files: Readonly<Record<string, number>> = { 'a.parquet': 10, 'b.parquet': 20 },
): Promise<MemoryStore> {
  const store = new MemoryStore('s3://lake/t');
  for (const [name, bytes] of Object.entries(files)) await store.create(name, Buffer.alloc(bytes));
  for (const [version, actions] of commits.entries()) await commit(store, version, actions);
  return store;
}

async function list(store: MemoryStore, request: VersionRequest = {}) {
  const listed = await listTable({ store }, request);
  return { ...listed, names: listed.files.map(({ uri }) => uri.slice(store.uri.length + 1)) };
}

const BASE = [PROTOCOL, SCHEMA, addOf('a.parquet', 10)];

describe('the files of a table', () => {
  it('are those of its current version, whatever else lies in the folder', async () => {
    const store = await table(
      [BASE, [removeOf('a.parquet'), addOf('b.parquet', 20)], [addOf('c.parquet', 5)]],
      { 'a.parquet': 10, 'b.parquet': 20, 'c.parquet': 5, 'uncommitted.parquet': 9 },
    );
    const listed = await list(store);
    expect(listed.names).toEqual(['b.parquet', 'c.parquet']);
    expect(listed).toMatchObject({
      version: 2,
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 'x', type: 'FLOAT' },
      ],
      files: [{ bytes: 20, etag: 'e20', partition: [] }, { bytes: 5 }],
    });
    expect((await list(store, { version: 0 })).names).toEqual(['a.parquet']);
    expect((await list(store, { version: '1' })).names).toEqual(['b.parquet']);
  });

  it('are those that were current at a time', async () => {
    const at = (timestamp: number) => ({ commitInfo: { timestamp } });
    const store = await table([
      [...BASE, at(Date.parse('2026-01-01T00:00:00Z'))],
      [
        addOf('b.parquet', 20),
        { commitInfo: { timestamp: 5, inCommitTimestamp: Date.parse('2026-01-03') } },
      ],
    ]);
    const versionAt = async (timestamp: string) => (await list(store, { timestamp })).version;
    expect(await versionAt('2026-01-02')).toBe(0);
    expect(await versionAt('2026-01-03T04:00:00+04:00')).toBe(1);
    expect(await versionAt('2026-01-03T03:59:59+04:00')).toBe(0);
    for (const timestamp of ['2025-12-31', '2026-01-02T00:00:00', 'yesterday']) {
      await expect(list(store, { timestamp })).rejects.toMatchObject({
        code: 'TABLE_VERSION_NOT_FOUND',
      });
    }
    await expect(list(await table([BASE]), { timestamp: '2026-01-01' })).rejects.toMatchObject({
      code: 'TABLE_UNSUPPORTED',
      remedy: expect.stringContaining('input.version'),
    });
  });

  it('have percent-encoded paths, relative or within the folder', async () => {
    const keys = ['c=A%20E/a.parquet', 'c=ü/b.parquet', 'd.parquet'];
    const store = await table(
      [
        [
          PROTOCOL,
          SCHEMA,
          addOf('c=A%2520E/a.parquet', 1),
          addOf('c=%C3%BC/b.parquet', 1),
          addOf('s3a://lake/t/d.parquet', 1),
        ],
      ],
      Object.fromEntries(keys.map((key) => [key, 1])),
    );
    expect((await list(store)).names.toSorted()).toEqual(keys.toSorted());
  });

  it.each([
    's3://other/t/a.parquet',
    's3://lake/t2/a.parquet',
    '/etc/a.parquet',
    '../t2/a.parquet',
    'a/%2E%2E/%2E%2E/b.parquet',
    'file:///etc/a.parquet',
    'https://x/a.parquet',
  ])('are refused where they lie elsewhere: %s', async (path) => {
    await expect(list(await table([[PROTOCOL, SCHEMA, addOf(path, 10)]]))).rejects.toMatchObject({
      code: 'TABLE_UNSUPPORTED',
      message: expect.stringContaining("outside of the table's folder"),
    });
  });

  it('are refused where one is gone, or has another size than the log says', async () => {
    const gone = await table([BASE], {});
    await expect(list(gone)).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      where: 's3://lake/t/a.parquet',
    });
    const other = await table([BASE], { 'a.parquet': 11 });
    await expect(list(other)).rejects.toMatchObject({
      code: 'TABLE_LOG_DAMAGED',
      message: 'the file has 11 bytes, the log of the table says 10',
    });
    await expect(list(await table([BASE, [removeOf('a.parquet')]]))).rejects.toMatchObject({
      code: 'INPUT_EMPTY',
    });
  });
});

describe('partition values', () => {
  const valuesOf = async (type: string, ...values: (string | null)[]) => {
    const adds = values.map((p, index) => addOf(`${index}.parquet`, 1, { partitionValues: { p } }));
    const schema = metaDataOf(
      [
        { name: 'p', type },
        { name: 'x', type: 'float' },
      ],
      { partitionColumns: ['p'] },
    );
    const files = Object.fromEntries(values.map((_, index) => [`${index}.parquet`, 1]));
    const listed = await list(await table([[PROTOCOL, schema, ...adds]], files));
    expect(listed.columns).toEqual([{ name: 'x', type: 'FLOAT' }]);
    return {
      type: listed.partitionColumns[0]?.type,
      values: listed.files.map(({ partition }) => partition[0]),
    };
  };

  it('have the type of their column, and are null where they are empty', async () => {
    expect(await valuesOf('string', 'A/E', null, '')).toEqual({
      type: 'VARCHAR',
      values: ['A/E', null, null],
    });
    expect(await valuesOf('integer', '-5', '007')).toEqual({
      type: 'INTEGER',
      values: ['-5', '7'],
    });
    expect(await valuesOf('date', '2026-02-28')).toEqual({ type: 'DATE', values: ['2026-02-28'] });
    expect(await valuesOf('decimal(10,2)', '1.50')).toEqual({
      type: 'DECIMAL(10,2)',
      values: ['1.50'],
    });
    expect(await valuesOf('boolean', 'true')).toEqual({ type: 'BOOLEAN', values: ['true'] });
    expect(await valuesOf('timestamp', '2026-01-01T00:00:00.5Z')).toMatchObject({
      type: 'TIMESTAMP WITH TIME ZONE',
    });
  });

  it('are refused where they are none of their type', async () => {
    for (const [type, value] of [
      ['integer', '3000000000'],
      ['byte', '1.5'],
      ['date', '2026-02-30'],
      ['boolean', 'yes'],
    ] as const) {
      await expect(valuesOf(type, value)).rejects.toMatchObject({ code: 'TABLE_LOG_DAMAGED' });
    }
    await expect(valuesOf('timestamp', '2026-01-01 00:00:00')).rejects.toMatchObject({
      code: 'TABLE_UNSUPPORTED',
    });
    await expect(valuesOf('binary', 'a')).rejects.toMatchObject({ code: 'TABLE_UNSUPPORTED' });
  });
});

describe('a table is refused by the name of what is not supported', () => {
  it.each<[string, RegExp, readonly object[]]>([
    [
      'deletion vectors that are in use',
      /deletion vectors \(deletionVectors\)/,
      [FEATURES('deletionVectors'), SCHEMA, addOf('a.parquet', 10, { deletionVector: VECTOR })],
    ],
    [
      'column mapping',
      /columnMapping, mode "name"/,
      [
        { protocol: { minReaderVersion: 2, minWriterVersion: 5 } },
        metaDataOf([{ name: 'x', type: 'float' }], {
          configuration: { 'delta.columnMapping.mode': 'name' },
        }),
        addOf('a.parquet', 10),
      ],
    ],
    [
      'type widening',
      /typeWidening/,
      [
        FEATURES('typeWidening'),
        metaDataOf([{ name: 'x', type: 'long', metadata: { 'delta.typeChanges': [] } }]),
        addOf('a.parquet', 10),
      ],
    ],
    [
      'type widening within a struct',
      /"y" was changed \(typeWidening/,
      [
        FEATURES('typeWidening'),
        metaDataOf([
          {
            name: 'x',
            type: {
              type: 'struct',
              fields: [
                { name: 'y', type: 'long', nullable: true, metadata: { 'delta.typeChanges': [] } },
              ],
            },
          },
        ]),
        addOf('a.parquet', 10),
      ],
    ],
    [
      'a feature that is not known',
      /not supported: catalogManaged, newThing/,
      [FEATURES('timestampNtz', 'catalogManaged', 'newThing'), SCHEMA, addOf('a.parquet', 10)],
    ],
    [
      'a later reader version',
      /reader version 4/,
      [{ protocol: { minReaderVersion: 4, minWriterVersion: 7 } }, SCHEMA, addOf('a.parquet', 10)],
    ],
    [
      'a type that is not known',
      /"variant"/,
      [PROTOCOL, metaDataOf([{ name: 'x', type: 'variant' }]), addOf('a.parquet', 10)],
    ],
    [
      'sidecars of a V2 checkpoint',
      /v2Checkpoint/,
      [PROTOCOL, SCHEMA, { sidecar: { path: 'x.parquet' } }],
    ],
  ])('%s', async (_name, message, actions) => {
    await expect(list(await table([actions]))).rejects.toMatchObject({
      code: 'TABLE_UNSUPPORTED',
      message: expect.stringMatching(message),
    });
  });

  it('and read where a feature is there but not in use', async () => {
    const features = FEATURES(
      'deletionVectors',
      'columnMapping',
      'typeWidening',
      'v2Checkpoint',
      'vacuumProtocolCheck',
      'timestampNtz',
    );
    expect((await list(await table([[features, SCHEMA, addOf('a.parquet', 10)]]))).names).toEqual([
      'a.parquet',
    ]);
  });

  it('and read where files with deletion vectors were rewritten', async () => {
    const store = await table([
      [FEATURES('deletionVectors'), SCHEMA, addOf('a.parquet', 10)],
      [removeOf('a.parquet'), addOf('a.parquet', 10, { deletionVector: VECTOR })],
      [removeOf('a.parquet', { deletionVector: VECTOR }), addOf('b.parquet', 20)],
    ]);
    expect((await list(store)).names).toEqual(['b.parquet']);
    await expect(list(store, { version: 1 })).rejects.toMatchObject({ code: 'TABLE_UNSUPPORTED' });
  });
});

describe('a damaged log', () => {
  it.each([
    ['half a line', '{"add":{"pa', /line 1 is no JSON/],
    ['an action of another form', '{"add":{"path":5}}', /line 1 is no action: add\.path/],
    ['a negative size', '{"add":{"path":"a","partitionValues":{},"size":-1}}', /add\.size/],
  ])('is refused: %s', async (_name, line, message) => {
    const store = await table([BASE]);
    await store.create(commitKey(1), Buffer.from(line));
    await expect(list(store)).rejects.toMatchObject({
      code: 'TABLE_LOG_DAMAGED',
      message: expect.stringMatching(message),
      where: expect.stringContaining('00000000000000000001.json'),
    });
  });

  it('is refused where it says neither protocol nor columns', async () => {
    await expect(list(await table([[SCHEMA]]))).rejects.toMatchObject({
      code: 'TABLE_LOG_DAMAGED',
      message: "no action up to version 0 gives the table's protocol",
    });
    const broken = { metaData: { ...SCHEMA.metaData, schemaString: '{"type":"struct"}' } };
    await expect(
      list(await table([[PROTOCOL, broken, addOf('a.parquet', 10)]])),
    ).rejects.toMatchObject({
      code: 'TABLE_LOG_DAMAGED',
    });
  });
});

describe('checkpoints', () => {
  it('give the state that the commits after them change', async () => {
    const store = await table([]);
    await store.create(`_delta_log/${'7'.padStart(20, '0')}.checkpoint.parquet`, Buffer.alloc(3));
    await commit(store, 8, [removeOf('a.parquet')]);
    const lines = [PROTOCOL, SCHEMA, addOf('a.parquet', 10), addOf('b.parquet', 20)].map((action) =>
      JSON.stringify(action),
    );
    const read: string[] = [];
    const readCheckpoint = async ({ uri, etag }: { uri: string; etag: string }) => {
      read.push(`${uri} ${etag}`);
      return lines;
    };
    const listed = await listTable({ store, readCheckpoint }, {});
    expect(listed).toMatchObject({ version: 8, files: [{ uri: 's3://lake/t/b.parquet' }] });
    expect(read).toEqual([`s3://lake/t/_delta_log/${'7'.padStart(20, '0')}.checkpoint.parquet e3`]);
    await expect(listTable({ store }, {})).rejects.toMatchObject({ code: 'TABLE_UNSUPPORTED' });
  });
});
