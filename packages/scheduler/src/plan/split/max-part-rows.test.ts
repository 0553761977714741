import { expect, it } from 'vitest';
import { maxPartRows } from './max-part-rows.js';

it('parts that are divided by partition may have more rows, as long as their values are few', () => {
  const maxOf = (...types: string[]): number => {
    const columns = ['DATE', ...types].map((type, index) => ({ name: `c${index}`, type }));
    expect(maxPartRows({ columns })).toBe(262_144);
    return maxPartRows({ columns, partitionBy: ['c0'] });
  };
  const floats = (count: number): string[] => Array.from({ length: count }, () => 'FLOAT');
  expect(maxOf('BIGINT', 'VARCHAR', 'DECIMAL(18,2)', 'FLOAT')).toBe(1_048_576);
  expect(maxOf(...floats(8))).toBe(524_288);
  expect(maxOf(...floats(9))).toBe(262_144);
  expect(maxOf(...floats(100))).toBe(262_144);
  expect(maxOf('FLOAT[384]')).toBe(262_144);
  expect(maxOf('STRUCT(a FLOAT)')).toBe(262_144);
});
