import type { Column, Plan } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { chooseColumns, scoreColumns, type ColumnChoice } from './choose-columns.js';

const columns = (...texts: string[]): Column[] =>
  texts.map((text) => {
    const [name = '', type = 'DOUBLE'] = text.split(' ');
    return { name, type };
  });

const usual: ColumnChoice = {
  results: columns('id BIGINT', 'churn', 'band VARCHAR'),
  partitionBy: [],
  computed: ['churn', 'band'],
  labels: columns('id INTEGER', 'churned BOOLEAN'),
};

describe('columns that are not named', () => {
  it('are the only common one, the only other one, and what the job has computed', () => {
    expect(chooseColumns(usual)).toEqual({
      keys: [
        {
          scores: { name: 'id', type: 'BIGINT' },
          expected: { name: 'id', type: 'INTEGER' },
          comparison: 'integer',
        },
      ],
      label: { name: 'churned', type: 'BOOLEAN' },
      scores: columns('churn', 'band VARCHAR'),
      named: false,
    });
  });

  it('do not take a score that is called like the label for the key', () => {
    const { keys, label } = chooseColumns({ ...usual, labels: columns('ID BIGINT', 'churn') });
    expect(keys.map(({ scores, expected }) => [scores.name, expected.name])).toEqual([
      ['id', 'ID'],
    ]);
    expect(label.name).toBe('churn');
  });

  it('are all but the key where it is not known what the job has computed', () => {
    const { scores } = chooseColumns({ ...usual, computed: undefined });
    expect(scores.map(({ name }) => name)).toEqual(['churn', 'band']);
  });

  it('take one that is called label among several', () => {
    const labels = columns('id BIGINT', 'at TIMESTAMP', 'Label BIGINT');
    expect(chooseColumns({ ...usual, labels }).label.name).toBe('Label');
  });
});

it('of a challenger its scores are taken, and not whether it has scored a row', () => {
  const model: Plan['scoring']['model'] = {
    uri: 'm',
    sha256: '',
    bytes: 1,
    externalData: [],
    inputs: [],
    outputs: [{ name: 'p', type: 'float32', shape: ['N', 1] }],
  };
  const column = (name: string, sql: string, type = 'FLOAT') => ({ name, sql, type });
  const scoring: Plan['scoring'] = {
    input: {
      columns: columns('id BIGINT'),
      used: [],
      layouts: [],
      partitionColumns: [],
      where: null,
    },
    model,
    features: [],
    transform: null,
    nulls: 'reject',
    challengers: [
      { name: 'next', model, features: [], share: 1, rows: null, compared: [], rankEvery: 1 },
    ],
    output: {
      uri: 'out',
      columns: [
        column('id', 'id', 'BIGINT'),
        column('churn', 'p'),
        column('next_churn', '_shardmill_challenger_0_0'),
        column('next_scored', '_shardmill_challenger_0_scored', 'BOOLEAN'),
      ],
      compression: 'zstd',
      rowGroupRows: 1,
    },
  };
  expect(scoreColumns(scoring)).toEqual(['churn', 'next_churn']);
});

it('named columns are taken, several keys as well', () => {
  const choice = {
    ...usual,
    results: columns('id BIGINT', 'ds DATE', 'churn'),
    labels: columns('id BIGINT', 'ds DATE', 'a', 'b'),
    keys: ['id', 'ds'],
    label: 'b',
    scores: ['churn'],
  };
  const { keys, label, scores, named } = chooseColumns(choice);
  expect(keys.map(({ comparison }) => comparison)).toEqual(['integer', 'exact']);
  expect([label.name, scores.map(({ name }) => name), named]).toEqual(['b', ['churn'], true]);
});

describe('a choice is refused', () => {
  it.each<[what: string, choice: Partial<ColumnChoice>, code: string, message: RegExp]>([
    [
      'without a column in common',
      { labels: columns('customer BIGINT', 'y') },
      'LABELS_COLUMN',
      /no column in common: "id", "churn", "band" here, "customer", "y" there/,
    ],
    [
      'with several of them',
      {
        results: columns('id BIGINT', 'ds DATE', 'churn'),
        labels: columns('id BIGINT', 'ds DATE', 'y'),
      },
      'LABELS_COLUMN',
      /several columns in common: "id", "ds"/,
    ],
    [
      'for a key that is not there',
      { keys: ['idd'] },
      'LABELS_COLUMN',
      /no column "idd". Did you mean "id"/,
    ],
    [
      'for keys that are not of one type',
      { labels: columns('id VARCHAR', 'y') },
      'LABELS_KEY',
      /the key "id" is BIGINT in the result and VARCHAR in the labels/,
    ],
    [
      'for numbers with fractions as keys',
      { results: columns('id DOUBLE', 'churn'), computed: ['churn'], labels: columns('id', 'y') },
      'LABELS_KEY',
      /is DOUBLE in the result and DOUBLE in the labels/,
    ],
    [
      'without a label',
      { labels: columns('id BIGINT') },
      'LABELS_COLUMN',
      /no column beside the key/,
    ],
    [
      'with several that could be it',
      { labels: columns('id BIGINT', 'a', 'b') },
      'LABELS_COLUMN',
      /several columns beside the key: "a", "b"/,
    ],
    [
      'for a score that is not there',
      { scores: ['chrun'] },
      'LABELS_COLUMN',
      /Did you mean "churn"/,
    ],
    ['without a score', { computed: [] }, 'LABELS_COLUMN', /has computed no column/],
    [
      'for a column that files do not have, since folders stand for it',
      { partitionBy: ['band'], scores: ['band'] },
      'LABELS_COLUMN',
      /divided into folders by "band"/,
    ],
  ])('%s', (_, choice, code, message) => {
    expect(() => chooseColumns({ ...usual, ...choice })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
