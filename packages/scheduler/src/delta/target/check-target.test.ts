import type { Column } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { addOf, commit, metaDataOf, PROTOCOL } from '../../testing/delta-table.js';
import { MemoryStore } from '../../testing/memory-store.js';
import type { TableField } from '../schema/table-schema.js';
import { sqlTypeOf } from '../schema/sql-type.js';
import { sameType } from '../schema/same-type.js';
import type { TargetColumns } from './check-target.js';
import { requireTarget } from './read-target.js';
import { tableTypeOf } from './table-type.js';

const ID_AND_SCORE: readonly Column[] = [
  { name: 'id', type: 'BIGINT' },
  { name: 'score', type: 'FLOAT' },
];
const FIELDS = [
  { name: 'id', type: 'long' },
  { name: 'score', type: 'float' },
];
const VERSION_7 = (...writerFeatures: string[]) => ({
  protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures },
});

async function check(
  actions: readonly object[] | undefined,
  columns = ID_AND_SCORE,
  mode: TargetColumns['mode'] = 'append',
  partitionBy?: readonly string[],
): Promise<void> {
  const store = new MemoryStore('s3://lake/t');
  if (actions !== undefined) await commit(store, 0, actions);
  await requireTarget({ store }, { mode, columns, partitionBy });
}

describe('a table is taken for an output', () => {
  it('where there is none yet, or its columns are those of the job, in any order', async () => {
    await check(undefined);
    await check([PROTOCOL, metaDataOf(FIELDS)]);
    await check([PROTOCOL, metaDataOf(FIELDS.toReversed())], ID_AND_SCORE, 'overwrite');
  });

  it('where it is partitioned by the same columns, in any order', async () => {
    const partitioned = [PROTOCOL, metaDataOf(FIELDS, { partitionColumns: ['id', 'score'] })];
    await check(partitioned, ID_AND_SCORE, 'append', ['score', 'id']);
    await check(undefined, ID_AND_SCORE, 'append', ['id']);
  });

  it('where features are there but not in use', async () => {
    const features = VERSION_7(
      'appendOnly',
      'invariants',
      'checkConstraints',
      'changeDataFeed',
      'deletionVectors',
      'generatedColumns',
      'inCommitTimestamp',
    );
    await check([
      features,
      metaDataOf(FIELDS, {
        configuration: { 'delta.enableChangeDataFeed': 'true', 'delta.appendOnly': 'true' },
      }),
    ]);
  });
});

describe('a table is refused as an output, with what differs', () => {
  const mismatch = (message: RegExp) => ({
    code: 'TABLE_MISMATCH',
    message: expect.stringMatching(message),
  });
  const unsupported = (message: RegExp) => ({
    code: 'TABLE_UNSUPPORTED',
    message: expect.stringMatching(message),
  });
  const withFields = (...fields: Partial<TableField>[]) =>
    [
      PROTOCOL,
      metaDataOf([...FIELDS, ...fields].map((field) => ({ name: 'x', type: 'long', ...field }))),
    ] as const;

  it('where its columns are others', async () => {
    const other = [
      PROTOCOL,
      metaDataOf([
        { name: 'id', type: 'integer' },
        { name: 'model', type: 'string' },
      ]),
    ];
    await expect(check(other)).rejects.toMatchObject(
      mismatch(
        /"id" is INTEGER in the table, but BIGINT here; the table has no column "score" \(FLOAT\); the job writes no column "model"/,
      ),
    );
    const required = [
      PROTOCOL,
      metaDataOf([{ name: 'id', type: 'long', nullable: false }, ...FIELDS.slice(1)]),
    ];
    await expect(check(required)).rejects.toMatchObject(mismatch(/"id" must not be null/));
  });

  it.each<[string[], string[] | undefined, string, RegExp]>([
    [['id'], undefined, 'partitioned by id, the output of the job not partitioned', /to \[id\]/],
    [[], ['id'], 'not partitioned, the output of the job partitioned by id', /Leave .* out/],
    [['id'], ['id', 'score'], 'partitioned by id, the output of the job partitioned by', /\[id\]/],
  ])(
    'where it is partitioned by %j and the job by %j',
    async (partitionColumns, ours, differs, remedy) => {
      const actions = [PROTOCOL, metaDataOf(FIELDS, { partitionColumns })];
      await expect(check(actions, ID_AND_SCORE, 'append', ours)).rejects.toMatchObject({
        ...mismatch(new RegExp(`the table is ${differs}`)),
        remedy: expect.stringMatching(remedy),
      });
    },
  );

  it('where it is there already, in mode create', async () => {
    await expect(
      check([PROTOCOL, metaDataOf(FIELDS)], ID_AND_SCORE, 'create'),
    ).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      message: 'a table of Delta Lake is there, version 0',
    });
  });

  it.each<[RegExp, readonly object[], TargetColumns['mode']?]>([
    [
      /not supported: clustering, newThing/,
      [VERSION_7('appendOnly', 'clustering', 'newThing'), metaDataOf(FIELDS)],
    ],
    [
      /writer version 8/,
      [{ protocol: { minReaderVersion: 1, minWriterVersion: 8 } }, metaDataOf(FIELDS)],
    ],
    [
      /columnMapping, mode "name"/,
      [PROTOCOL, metaDataOf(FIELDS, { configuration: { 'delta.columnMapping.mode': 'name' } })],
    ],
    [
      /delta\.appendOnly/,
      [PROTOCOL, metaDataOf(FIELDS, { configuration: { 'delta.appendOnly': 'true' } })],
      'overwrite',
    ],
    [
      /delta\.constraints\.positive/,
      [PROTOCOL, metaDataOf(FIELDS, { configuration: { 'delta.constraints.positive': 'id > 0' } })],
    ],
    [
      /delta\.enableInCommitTimestamps/,
      [
        PROTOCOL,
        metaDataOf(FIELDS, { configuration: { 'delta.enableInCommitTimestamps': 'true' } }),
      ],
    ],
    [
      /delta\.enableRowTracking/,
      [PROTOCOL, metaDataOf(FIELDS, { configuration: { 'delta.enableRowTracking': 'true' } })],
    ],
    [/"x" has delta\.invariants/, withFields({ metadata: { 'delta.invariants': '{}' } })],
    [
      /"x" has delta\.generationExpression/,
      withFields({ metadata: { 'delta.generationExpression': 'id' } }),
    ],
    [/"x" has delta\.identity\.start/, withFields({ metadata: { 'delta.identity.start': 1 } })],
  ])('%s', async (message, actions, mode = 'append') => {
    await expect(
      check([...actions, addOf('a.parquet', 1)], ID_AND_SCORE, mode),
    ).rejects.toMatchObject(unsupported(message));
  });

  it('where a column has a type or a name that no table has', async () => {
    const one = (name: string, type: string) => check(undefined, [{ name, type }]);
    await expect(one('a', 'UBIGINT')).rejects.toMatchObject({
      code: 'TABLE_MISMATCH',
      where: 'output.columns.a',
      remedy: expect.stringContaining('DECIMAL(38, 0)'),
    });
    await expect(one('a', 'TIMESTAMP_NS')).rejects.toMatchObject({
      remedy: expect.stringContaining('AS TIMESTAMP'),
    });
    for (const type of [
      'TIME',
      'HUGEINT',
      'UUID',
      "ENUM('a')",
      'STRUCT(a UTINYINT)[]',
      'INTERVAL',
    ]) {
      await expect(one('a', type), type).rejects.toMatchObject({ code: 'TABLE_MISMATCH' });
    }
    await expect(one('a b', 'BIGINT')).rejects.toMatchObject(mismatch(/has a space/));
    const twins = [
      { name: 'a', type: 'BIGINT' },
      { name: 'A', type: 'BIGINT' },
    ];
    await expect(check(undefined, twins)).rejects.toMatchObject(mismatch(/differ only in case/));
  });
});

describe('types', () => {
  it.each([
    ['TINYINT', 'byte'],
    ['DECIMAL(18,2)', 'decimal(18,2)'],
    ['TIMESTAMP', 'timestamp_ntz'],
    ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
    ['FLOAT[384]', { type: 'array', elementType: 'float', containsNull: true }],
    [
      'MAP(VARCHAR, DATE)',
      { type: 'map', keyType: 'string', valueType: 'date', valueContainsNull: true },
    ],
    [
      'STRUCT(a INTEGER, "b c" BLOB[])',
      {
        type: 'struct',
        fields: [
          { name: 'a', type: 'integer', nullable: true, metadata: {} },
          {
            name: 'b c',
            type: { type: 'array', elementType: 'binary', containsNull: true },
            nullable: true,
            metadata: {},
          },
        ],
      },
    ],
  ])('%s is the same in the table and back', (sql, table) => {
    const type = tableTypeOf(sql);
    expect(type).toEqual(table);
    const back = type === undefined ? undefined : sqlTypeOf(type);
    expect(sameType(back ?? '', sql.replace('[384]', '[]'))).toBe(true);
  });
});
