import {
  type ChunkSpec,
  parquetBytes,
  type SchemaNode,
  type Value,
} from '@shardmill/test-kit/parquet-file';
import { type CorpusEntry, type Right, testCorpus } from './corpus.js';

/** Lists, maps and structs in the forms that writers gave them over the years. */

/** Rows [1, 2], null and [3], by the levels of a list whose elements are `depth` levels deep. */
const list = (depth: number, values: readonly Value[] = [1, 2, 3]): ChunkSpec => ({
  values,
  levels: { repetition: [0, 1, 0, 0], definition: [depth, depth, 0, depth] },
});

const LISTS = [[1, 2], null, [3]];

function entry(
  name: string,
  node: Omit<SchemaNode, 'name'>,
  chunks: readonly ChunkSpec[],
  right: Right,
): CorpusEntry {
  return { name, file: parquetBytes({ columns: [{ name: 'x', ...node }], chunks }), right };
}

const repeated = (name: string, ...children: SchemaNode[]): SchemaNode => ({
  name,
  repetition: 'repeated',
  children,
});
const int = (name: string): SchemaNode => ({ name, type: 'int32' });

const oneField: Right = {
  values: LISTS,
  type: 'INTEGER[]',
  notices: [/"x" is a list of structs of one field "a"/],
};

testCorpus([
  entry(
    'a list as it is written today',
    { converted: 'list', logical: 'list', children: [repeated('list', int('element'))] },
    [list(3)],
    { values: LISTS, type: 'INTEGER[]' },
  ),
  entry(
    "a list of Hive's, with a bag",
    { converted: 'list', children: [repeated('bag', int('array_element'))] },
    [list(3)],
    { values: LISTS, type: 'INTEGER[]' },
  ),
  entry(
    'a list of two levels',
    { converted: 'list', children: [{ name: 'array', type: 'int32', repetition: 'repeated' }] },
    [list(2)],
    { values: LISTS, type: 'INTEGER[]' },
  ),
  entry(
    'a list of structs of one field, of two levels, as Avro and old Spark have it',
    { converted: 'list', children: [repeated('array', int('a'))] },
    [list(3)],
    oneField,
  ),
  entry(
    "a list of structs of one field, of two levels, as Thrift's",
    { converted: 'list', children: [repeated('x_tuple', int('a'))] },
    [list(3)],
    oneField,
  ),
  entry(
    'a list of structs of two fields, of two levels',
    { converted: 'list', children: [repeated('array', int('a'), int('b'))] },
    [list(3), list(3)],
    {
      values: [
        [
          { a: 1, b: 1 },
          { a: 2, b: 2 },
        ],
        null,
        [{ a: 3, b: 3 }],
      ],
      type: 'STRUCT(a INTEGER, b INTEGER)[]',
    },
  ),
  entry(
    'a repeated column without a list around it',
    { type: 'int32', repetition: 'repeated' },
    [{ values: [1, 2, 3], levels: { repetition: [0, 1, 0, 0], definition: [1, 1, 0, 1] } }],
    { values: [[1, 2], [], [3]], type: 'INTEGER[]' },
  ),
  entry(
    'a repeated struct of one field without a list around it',
    { repetition: 'repeated', children: [int('a')] },
    [{ values: [1, 2, 3], levels: { repetition: [0, 1, 0, 0], definition: [2, 2, 0, 2] } }],
    { values: [[1, 2], [], [3]], notices: [/"x" is a list of structs of one field "a"/] },
  ),
  entry(
    'LIST alone',
    { logical: 'list', children: [repeated('list', int('element'))] },
    [list(3)],
    {
      values: [{ list: [1, 2] }, null, { list: [3] }],
      notices: [/"x" is a list that is read as the struct around it/],
    },
  ),
  entry(
    'a list of STRING alone',
    {
      converted: 'list',
      children: [repeated('list', { name: 'element', type: 'byteArray', logical: 'string' })],
    },
    [list(3, ['a', 'b', 'c'])],
    {
      values: [['0x61', '0x62'], null, ['0x63']],
      type: 'BLOB[]',
      notices: [/"x" has VARCHAR within it that is read as BLOB/],
    },
  ),
  entry(
    'a list of UINT(32) alone',
    {
      converted: 'list',
      children: [
        repeated('list', { name: 'element', type: 'int32', logical: { int: 32, signed: false } }),
      ],
    },
    [list(3)],
    { code: 'INPUT_UNSUPPORTED', message: /"x".*LogicalType/ },
  ),
  entry(
    'a list of decimals of 50 digits',
    {
      converted: 'list',
      children: [
        repeated('list', {
          name: 'element',
          type: 'byteArray',
          converted: 'decimal',
          precision: 50,
          scale: 2,
        }),
      ],
    },
    [list(3, ['a', 'b', 'c'])],
    { code: 'INPUT_UNSUPPORTED', message: /50 digits/ },
  ),
  entry(
    'a map',
    {
      converted: 'map',
      logical: 'map',
      children: [
        repeated(
          'key_value',
          { name: 'key', type: 'byteArray', converted: 'utf8', repetition: 'required' },
          int('value'),
        ),
      ],
    },
    [
      { values: ['k'], levels: { repetition: [0, 0], definition: [2, 0] } },
      { values: [5], levels: { repetition: [0, 0], definition: [3, 0] } },
    ],
    { values: [{ k: 5 }, null], type: 'MAP(VARCHAR, INTEGER)' },
  ),
  entry(
    'a map whose own group is MAP_KEY_VALUE',
    {
      converted: 'mapKeyValue',
      children: [
        repeated(
          'map',
          { name: 'key', type: 'byteArray', converted: 'utf8', repetition: 'required' },
          int('value'),
        ),
      ],
    },
    [
      { values: ['k'], levels: { repetition: [0], definition: [2] } },
      { values: [5], levels: { repetition: [0], definition: [3] } },
    ],
    { code: 'INPUT_UNSUPPORTED', message: /MAP_KEY_VALUE/ },
  ),
  entry(
    'a struct in a struct',
    { children: [{ name: 'y', children: [int('z')] }] },
    [{ values: [7], levels: { repetition: [], definition: [3, 1, 0] } }],
    { values: [{ y: { z: 7 } }, { y: null }, null], type: 'STRUCT(y STRUCT(z INTEGER))' },
  ),
]);
