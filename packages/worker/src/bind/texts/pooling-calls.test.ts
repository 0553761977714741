import { describe, expect, it } from 'vitest';
import type { ModelOutput } from '../../lane/lane-messages.js';
import { replacePoolingCalls } from './pooling-calls.js';

const OUTPUTS: ModelOutput[] = [
  { name: 'last_hidden_state', type: 'float32', shape: ['N', 'L', 8] },
  { name: 'Weird "name"', type: 'float16', shape: ['N', 'L', 8] },
  { name: 'label', type: 'int64', shape: ['N'] },
];
const replace = (sql: string): ReturnType<typeof replacePoolingCalls> =>
  replacePoolingCalls(sql, OUTPUTS, 'output.columns.x');

describe('pooling functions in an expression', () => {
  it.each([
    ['mean_pool(last_hidden_state)', 'mean', false],
    ['MAX_POOL ( model.last_hidden_state )', 'max', false],
    ['cls(LAST_HIDDEN_STATE)', 'cls', false],
    ['l2_normalize(mean_pool(last_hidden_state))', 'mean', true],
    ['l2_normalize(last_hidden_state)', 'none', true],
    ['mean_pool("Weird ""name""")', 'mean', false],
  ])('become an output of the model: %s', (sql, by, normalize) => {
    const { sql: replaced, outputs } = replace(sql);
    const [output] = outputs;
    expect(output).toMatchObject({ type: 'float32', pooling: { by, normalize } });
    expect(replaced).toBe(`model."${output?.name.replaceAll('"', '""')}"`);
  });

  it.each([
    ['int8_quantize(l2_normalize(mean_pool(last_hidden_state)))', 'mean', true, 'values'],
    ['int8_quantize(cls(last_hidden_state))', 'cls', false, 'values'],
    ['INT8_QUANTIZE(l2_normalize(last_hidden_state))', 'none', true, 'values'],
    ['int8_scale(model.last_hidden_state)', 'none', false, 'scale'],
    ['float16_bits(l2_normalize(cls(last_hidden_state)))', 'cls', true, 'half'],
  ])('make whole numbers: %s', (sql, by, normalize, quantized) => {
    const [output] = replace(sql).outputs;
    expect(output).toMatchObject({
      type: { values: 'int8', scale: 'float32', half: 'uint16' }[quantized],
      shape: quantized === 'scale' ? ['N'] : ['N', -1],
      pooling: { of: 'last_hidden_state', by, normalize, quantized },
    });
  });

  it('may stand within other SQL, as often as wanted', () => {
    const { sql, outputs } = replace(
      'list_sum(cls(last_hidden_state)) + cls(last_hidden_state)[1]',
    );
    expect(sql).toBe(
      'list_sum(model."cls(last_hidden_state)") + model."cls(last_hidden_state)"[1]',
    );
    expect(outputs).toHaveLength(2);
  });

  it.each([
    "'cls(last_hidden_state)'",
    '"cls(x)" + 1',
    '1 -- cls(x)',
    '/* cls(x) */ 1',
    'cls + mean_pool',
    'my_cls(x)',
    "list_value('it''s', cls)",
  ])('are not looked for in texts, names and comments: %s', (sql) => {
    expect(replace(sql)).toEqual({ sql, outputs: [] });
  });

  it.each([
    'mean_pool(last_hidden_state + 1)',
    'mean_pool(cls(last_hidden_state))',
    'mean_pool(last_hidden_state, label)',
    'l2_normalize(l2_normalize(last_hidden_state))',
    'l2_normalize(int8_quantize(last_hidden_state))',
    'int8_quantize(int8_quantize(last_hidden_state))',
    'float16_bits(int8_quantize(last_hidden_state))',
    'cls()',
    'cls(last_hidden_state',
  ])('take an output of the model and nothing else: %s', (sql) => {
    expect(() => replace(sql)).toThrow(/takes an output of the model/);
  });

  it('name an output that is not there, and one that is no float', () => {
    expect(() => replace('cls(last_hiden_state)')).toThrow('Did you mean "last_hidden_state"');
    expect(() => replace('cls(label)')).toThrow('is int64; only vectors of floats can be pooled');
  });
});
