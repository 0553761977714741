import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type JobDefinition } from '@shardmill/core';
import { loadJob } from '@shardmill/client/jobs';
import { expect, it } from 'vitest';
import { score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const FOLDER = fileURLToPath(new URL('../../jobs/images/', import.meta.url));
const SHAPES = ['circle', 'square', 'triangle'];

/** What NumPy and Pillow say: `id` and the probabilities. */
const EXPECTED = readFileSync(`${FOLDER}expected.csv`, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number))
  .map(([id = -1, ...probabilities]) => ({ id, probabilities }));

it('the images job names shapes as NumPy and Pillow do, and keeps what it cannot read', async () => {
  const { definition } = await loadJob(`${FOLDER}job.ts`, '/');
  const job: JobDefinition = structuredClone(Object(definition));
  const { manifest } = await score(place, {
    ...job,
    input: { uri: `${FOLDER}photos.parquet` },
    model: { uri: `${FOLDER}model.onnx` },
    output: {
      ...job.output,
      uri: 'out',
      columns: { ...job.output.columns, probabilities: 'probabilities' },
    },
  });
  expect(manifest.rows).toMatchObject({ read: 100, scored: 98, rejected: 2 });
  const rows = await place.results('id, drawn, named, probabilities::VARCHAR AS probabilities');
  expect(rows.map(({ id }) => Number(id))).toEqual(EXPECTED.map(({ id }) => id));
  let right = 0;
  for (const [index, { probabilities }] of EXPECTED.entries()) {
    const { drawn, named, probabilities: found } = rows[index] ?? {};
    const scored = String(found).slice(1, -1).split(',').map(Number);
    for (const [shape, expected] of probabilities.entries()) {
      expect(Math.abs((scored[shape] ?? Number.NaN) - expected)).toBeLessThan(0.02);
    }
    expect(named).toBe(SHAPES[scored.indexOf(Math.max(...scored))]);
    if (named === drawn) right++;
  }
  expect(right).toBeGreaterThanOrEqual(95);
});
