import { expect, test } from 'vitest';
import { createRandom, normals, uniforms } from './random.js';

const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;

test('repeats itself for a seed', () => {
  expect(uniforms(createRandom(5), 10)).toEqual(uniforms(createRandom(5), 10));
  expect(uniforms(createRandom(5), 10)).not.toEqual(uniforms(createRandom(6), 10));
});

test('uniform values fill [0, 1) evenly', () => {
  const values = uniforms(createRandom(1), 10_000);
  expect(mean(values)).toBeCloseTo(0.5, 1);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThanOrEqual(1);
});

test('normal values have the mean 0 and the deviation asked for', () => {
  const values = normals(createRandom(1), 10_000, 2);
  expect(mean(values)).toBeCloseTo(0, 0);
  expect(Math.sqrt(mean(values.map((value) => value ** 2)))).toBeCloseTo(2, 0);
});

test('integers reach every value below the bound', () => {
  const random = createRandom(1);
  const seen = new Set(Array.from({ length: 1000 }, () => random.integer(7)));
  expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
