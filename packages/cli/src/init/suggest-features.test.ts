import { describe, expect, it } from 'vitest';
import type { KnownColumn } from './known-column.js';
import { suggestFeatures } from './suggest-features.js';

const column = (name: string, type = 'DOUBLE', nulls = 0): KnownColumn => ({ name, type, nulls });
const sampled = (
  name: string,
  type: string,
  sample: Partial<NonNullable<KnownColumn['sample']>>,
): KnownColumn => ({
  name,
  type,
  nulls: 0,
  sample: { rows: 100, nulls: 0, distinct: 100, whole: false, values: null, ...sample },
});
const input = (name: string, shape: (number | string)[]) =>
  ({ name, type: 'float32', shape }) as const;
const suggest = (
  inputs: ReturnType<typeof input>[],
  columns: KnownColumn[],
  names?: string[],
): ReturnType<typeof suggestFeatures> =>
  suggestFeatures(
    { inputs },
    columns,
    names === undefined ? undefined : { names, source: 'names.json' },
  );
const values = (
  ...args: Parameters<typeof suggest>
): [key: string, value: unknown, off: boolean][] =>
  suggest(...args).entries.map(({ key, value, off }) => [key, value, off ?? false]);

describe('an input of token ids', () => {
  const whole = (name: string, shape: (number | string)[]) =>
    ({ name, type: 'int64', shape }) as const;
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) =>
    whole(name, ['N', 'L']),
  );
  const texts = [
    sampled('id', 'BIGINT', { whole: true }),
    sampled('status', 'VARCHAR', { distinct: 2, values: ['closed', 'open'] }),
    sampled('body', 'VARCHAR', {}),
  ];

  it('takes the one column of texts, and its mask and types need no entry', () => {
    const { entries, used, undecided } = suggestFeatures({ inputs }, texts);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      key: 'input_ids',
      value: {
        inner: [
          { key: 'tokenize', value: 'body' },
          { key: 'tokenizer', value: './tokenizer.json' },
          { key: 'maxLength', value: 256 },
        ],
      },
      comment: 'int64 [N, L]: CHECK, the tokens of a text, with their mask',
    });
    expect([used.map(({ name }) => name), undecided]).toEqual([['body'], []]);
  });

  it('has as many tokens as the model fixes, and is undecided between two columns', () => {
    const two = [...texts, sampled('title', 'VARCHAR', {})];
    const { entries, undecided } = suggestFeatures(
      { inputs: [whole('input_ids', ['N', 64])] },
      two,
    );
    const problem = 'input_ids takes the tokens of a text: of body, title';
    expect(undecided).toEqual([problem]);
    expect(entries[0]?.value).toMatchObject({
      inner: [{ value: `DECIDE: ${problem}` }, {}, { key: 'maxLength', value: 64 }],
    });
  });

  it('takes lists of its name where there are some', () => {
    const lists = inputs.map(({ name }) => column(name, 'BIGINT[]'));
    expect(suggestFeatures({ inputs }, [...lists, ...texts]).used).toEqual(lists);
  });
});

describe('an input of images', () => {
  const inner = (shape: (number | string)[], columns: KnownColumn[]): unknown =>
    suggest([input('pixel_values', shape)], columns).entries[0]?.value;

  it('takes the one column of bytes, in the size and the layout of the model', () => {
    expect(inner(['N', 3, 256, 256], [column('id'), column('photo', 'BLOB')])).toMatchObject({
      inner: [
        { key: 'image', value: 'photo' },
        { key: 'resize', value: 256 },
        { key: 'crop', value: 256 },
        { key: 'mean', off: true },
        { key: 'std', off: true },
      ],
    });
    const struct = column('image', 'STRUCT(bytes BLOB, path VARCHAR)');
    expect(inner(['N', 32, 64, 1], [struct])).toMatchObject({
      inner: [
        { key: 'image', value: 'image.bytes' },
        { key: 'resize', value: [32, 64] },
        { key: 'layout', value: 'NHWC' },
        { key: 'channels', value: 'L' },
        { value: 0.5 },
        { value: 0.5 },
      ],
    });
  });

  it('is undecided between two columns of bytes, and no image without one', () => {
    const two = [column('front', 'BLOB'), column('back', 'BLOB')];
    const { undecided } = suggest([input('x', ['N', 3, 'H', 'W'])], two);
    expect(undecided).toEqual(['x takes images: of front, back']);
    expect(inner(['N', 3, 2, 2], [column('pixels', 'FLOAT[]')])).toBe('pixels');
  });
});

describe('an input of one value', () => {
  it('needs no entry where a column has its name, only a comment', () => {
    const [only] = suggest([input('age', [-1, 1])], [column('age')]).entries;
    expect(only).toMatchObject({ off: true, comment: 'Matched by name: age.' });
  });

  it('shows how to fill nulls in', () => {
    const [only] = suggest([input('age', [-1, 1])], [column('age', 'DOUBLE', 11)]).entries;
    expect(only).toMatchObject({ key: 'age', value: 'age' });
    expect(only?.comment).toMatch(/CHECK, 11 rows without a value.*coalesce\(age, 0\)/);
  });

  it('takes the column whose name differs by case, hyphens, dots, underscores or spaces', () => {
    const columns = ['Monthly-Charges', 'total charges', 'a.b'].map((name) => column(name));
    const inputs = ['monthly_charges', 'Total.Charges', 'A_B'].map((name) => input(name, [-1, 1]));
    expect(values(inputs, columns)).toEqual([
      ['monthly_charges', '"Monthly-Charges"', false],
      ['Total.Charges', '"total charges"', false],
      ['A_B', '"a.b"', false],
    ]);
  });

  it('is left undecided where two columns could be meant, or one by two inputs', () => {
    const both = [column('a_b'), column('a.b'), column('x')];
    const twice = suggest([input('a-b', [-1]), input('x', [-1])], both);
    expect(twice.undecided).toEqual(['no column is named like a-b; near to it: a_b, "a.b"']);
    const shared = suggest([input('a-b', [-1]), input('a.b', [-1])], [column('a_b')]);
    expect(shared.undecided).toHaveLength(2);
    expect(shared.used).toEqual([]);
  });

  it('is left undecided where a column is only near, and no column is proposed twice', () => {
    const { entries, undecided } = suggest(
      [input('tenure', [-1]), input('tenrue', [-1])],
      [column('tenure'), column('other')],
    );
    expect(undecided).toEqual(['no column is named like tenrue']);
    expect(entries[0]?.value).toBe('DECIDE: no column is named like tenrue');
  });

  it('is left undecided where the column is text, with a recipe for the codes', () => {
    const text = sampled('plan', 'VARCHAR', { distinct: 2, values: ["a's", 'b'] });
    const { entries, undecided } = suggest([input('plan', [-1, 1]), input('x', [-1])], [text]);
    expect(undecided).toContain('plan is text, and the model takes float32');
    expect(entries[0]?.comment).toContain("list_position(['a''s', 'b'], plan) - 1");
    const numbers = sampled('size', 'VARCHAR', { distinct: 2, values: ['1', '20.5'] });
    const [first] = suggest([input('size', [-1, 1])], [numbers]).entries;
    expect(first?.comment).toContain('try_cast(size AS DOUBLE)');
  });
});

describe('a packed input', () => {
  it('takes the numeric columns that are left, in their order, and quotes what must be', () => {
    const columns = [column('Age'), column('a'), column('b b', 'INTEGER'), column('order')];
    expect(values([input('age', [-1]), input('x', [-1, 3])], columns)).toEqual([
      ['age', 'Age', false],
      ['x', ['a', '"b b"', '"order"'], false],
    ]);
  });

  it('never takes a key by its name or its values, nor a label', () => {
    const columns = [
      column('customer_id', 'BIGINT'),
      sampled('number', 'BIGINT', { whole: true }),
      sampled('as_double', 'DOUBLE', { whole: true }),
      column('target', 'INTEGER'),
      sampled('visits', 'BIGINT', { whole: true, distinct: 99 }),
      sampled('income', 'DOUBLE', {}),
    ];
    const { entries, used, undecided } = suggest([input('x', [-1, 2])], columns);
    expect(entries[0]?.value).toEqual(['visits', 'income']);
    expect(entries[0]?.comment).toContain(
      'left out, since they look like keys or labels: customer_id, number, as_double, target',
    );
    expect(used.map(({ name }) => name)).toEqual(['visits', 'income']);
    expect(undecided).toEqual([]);
  });

  it.each([
    [24, 23, '24 numeric columns for 23 inputs'],
    [22, 23, '22 numeric columns for 23 inputs'],
    [1, 2, '1 numeric column for 2 inputs'],
  ])('is left undecided with %d columns for %d', (count, width, problem) => {
    const columns = Array.from({ length: count }, (_, i) => column(`v${i}`));
    const { entries, undecided } = suggest(
      [input('x', [-1, width])],
      [column('id', 'BIGINT'), ...columns],
    );
    expect(undecided).toEqual([problem]);
    expect(entries[0]?.value).toEqual([`DECIDE: ${problem}`, ...columns.map(({ name }) => name)]);
  });

  it('is left undecided where its width is open, or where another input takes columns, too', () => {
    expect(suggest([input('x', [-1, ''])], [column('a')]).undecided).toHaveLength(1);
    const two = suggest([input('x', [-1, 2]), input('y', [-1, 2])], [column('a'), column('b')]);
    expect(two.undecided).toHaveLength(2);
  });

  it('takes the columns by the names of the training, in their order', () => {
    const columns = [column('user-id', 'BIGINT'), column('B'), column('c'), column('a')];
    expect(values([input('x', [-1, 3])], columns, ['user_id', 'a', 'b'])).toEqual([
      ['x', ['"user-id"', 'a', 'B'], false],
    ]);
  });

  it('is left undecided where names have no column, or are too many', () => {
    const missing = suggest([input('x', [-1, 2])], [column('a'), column('z')], ['a', 'b']);
    expect(missing.entries[0]?.value).toEqual(['a', 'DECIDE: no column is named like b']);
    const many = suggest([input('x', [-1, 1])], [column('a'), column('b')], ['a', 'b']);
    expect(many.undecided).toEqual(['names.json has 2 names for 1 input']);
    expect(many.entries[0]?.value).toEqual([`DECIDE: ${many.undecided[0]}`, 'a', 'b']);
  });

  it('goes by count where the names are only numbers that the exporter gave', () => {
    const columns = [column('age'), column('income')];
    expect(values([input('x', [-1, 2])], columns, ['f0', 'f1'])).toEqual([
      ['x', ['age', 'income'], false],
    ]);
  });

  it('says which columns have nulls', () => {
    const columns = [column('a', 'DOUBLE', 3), column('b', 'DOUBLE', 1200)];
    const [only] = suggest([input('x', [-1, 2])], columns).entries;
    expect(only?.comment).toContain('CHECK, rows without a value: a (3), b (1,200)');
  });

  it('of texts takes text columns, and no numbers', () => {
    const texts = { name: 'x', type: 'string' as const, shape: [-1, 2] };
    const columns = [column('a'), column('b', 'VARCHAR'), column('c'), column('d', 'VARCHAR')];
    const found = suggestFeatures({ inputs: [texts] }, columns);
    expect(found.entries[0]?.value).toEqual(['b', 'd']);
    const named = suggestFeatures({ inputs: [texts] }, columns, { names: ['d', 'b'], source: '' });
    expect(named.entries[0]?.value).toEqual(['d', 'b']);
    const few = suggestFeatures({ inputs: [texts] }, [column('a'), column('b', 'VARCHAR')]);
    expect(few.undecided).toEqual(['1 text column for 2 inputs']);
  });

  it('takes the list column, if there is one', () => {
    const columns = [column('id', 'BIGINT'), column('vector', 'FLOAT[]')];
    expect(values([input('x', [-1, 384])], columns)).toEqual([['x', 'vector', false]]);
    const two = suggest([input('x', [-1, 384])], [...columns, column('other', 'FLOAT[]')]);
    expect(two.undecided).toHaveLength(1);
  });
});
