import type { ModelDescription } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import type { KnownColumn } from './known-column.js';
import { suggestOutputColumns } from './suggest-output.js';

const column = (name: string, type = 'DOUBLE'): KnownColumn => ({ name, type, nulls: 0 });
const outputs: ModelDescription['outputs'] = [
  { name: 'label', type: 'int64', shape: [-1] },
  { name: 'probabilities', type: 'float32', shape: [-1, 2] },
  { name: 'embedding', type: 'float32', shape: [-1, 8] },
  { name: 'pieces', type: 'non-tensor' },
];
const pairs = (columns: KnownColumn[]): [string, unknown, boolean][] =>
  suggestOutputColumns({ inputs: [], outputs, zipMaps: {} }, columns).entries.map(
    ({ key, value, off }) => [key, value, off ?? false],
  );

describe('the columns of the result', () => {
  it('are the key, the folders, and every output, distinguished from input columns', () => {
    const partition: KnownColumn = { ...column('group', ''), partition: true };
    expect(pairs([column('label'), column('row_id', 'BIGINT'), partition])).toEqual([
      ['row_id', 'row_id', false],
      ['group', '"group"', false],
      ['model_label', 'model.label', false],
      ['score', 'probabilities[2]', false],
      ['embedding', 'embedding', false],
      ['pieces', 'pieces', true],
    ]);
  });

  it('say where no column looks like a key, instead of taking the first', () => {
    const { entries, keys } = suggestOutputColumns({ inputs: [], outputs, zipMaps: {} }, [
      column('age'),
    ]);
    expect(keys).toEqual([]);
    expect(entries[0]).toMatchObject({ off: true });
    expect(entries[0]?.comment).toContain('No column looks like a key');
  });

  it('pool the vectors of the tokens, where the model takes a text', () => {
    const tensor = (name: string, type: 'float32' | 'int64', ...shape: (string | number)[]) => ({
      name,
      type,
      shape,
    });
    const hidden = tensor('last_hidden_state', 'float32', 'N', 'L', 8);
    const ids = tensor('input_ids', 'int64', 'N', 'L');
    const model = { inputs: [ids], outputs: [hidden], zipMaps: {} };
    const [, pooled] = suggestOutputColumns(model, [column('id', 'BIGINT')]).entries;
    expect(pooled).toMatchObject({
      key: 'embedding',
      value: 'l2_normalize(mean_pool(last_hidden_state))',
      comment: expect.stringContaining('CHECK'),
    });
    const [, plain] = suggestOutputColumns({ ...model, inputs: [] }, [
      column('id', 'BIGINT'),
    ]).entries;
    expect(plain?.value).toBe('last_hidden_state');
  });

  it('have no two names alike', () => {
    expect(pairs([column('score_key'), column('score'), column('key')]).slice(0, 4)).toEqual([
      ['score_key', 'score_key', false],
      ['key', 'key', false],
      ['label', 'label', false],
      ['score', 'probabilities[2]', false],
    ]);
  });

  it('list the classes of a ZipMap', () => {
    const { entries } = suggestOutputColumns(
      { inputs: [], outputs, zipMaps: { probabilities: ['no', 'yes'] } },
      [column('id')],
    );
    expect(entries.find(({ key }) => key === 'score')?.comment).toContain(
      'the tensor before ZipMap; its classes in order: no, yes',
    );
  });
});
