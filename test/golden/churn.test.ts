import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type JobDefinition } from '@shardmill/core';
import { jobJsonSchema } from '@shardmill/core/schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadJob } from '@shardmill/client/jobs';
import { scoreFile } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const FOLDER = fileURLToPath(new URL('../../jobs/churn/', import.meta.url));

/** scikit-learn's own probabilities, in the order of the customers. */
const EXPECTED = readFileSync(`${FOLDER}expected.csv`, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .map(([id = '', churn = '']) => ({ id, churn: Number(churn) }));

const bandOf = (churn: number): string => (churn >= 0.7 ? 'high' : churn >= 0.4 ? 'medium' : 'low');

/** The churn job as YAML in another folder, its locations made absolute, its result for hyparquet. */
async function writeTwin(change: (definition: JobDefinition) => unknown): Promise<string> {
  const { definition } = await loadJob(`${FOLDER}job.ts`, '/');
  const job: JobDefinition = structuredClone(Object(definition));
  job.input.uri = `${FOLDER}customers.parquet`;
  job.model.uri = `${FOLDER}model.onnx`;
  if (job.drift !== undefined) job.drift.baseline = `${FOLDER}baseline.json`;
  const file = place.path('job.yaml');
  await writeFile(file, stringify(change(job)));
  return file;
}

describe('the churn job', () => {
  it("gives each of the 7,043 customers scikit-learn's probability, and the band of it", async () => {
    const { manifest } = await scoreFile(`${FOLDER}job.ts`, { output: place.path('out') });
    expect(manifest.rows).toEqual({ read: 7043, scored: 7043, rejected: 0, filtered: 0 });
    const rows = await place.results('customer_id, churn, band');
    expect(EXPECTED).toHaveLength(7043);
    expect(rows.map((row) => row['customer_id'])).toEqual(EXPECTED.map(({ id }) => id));
    for (const [i, { id, churn }] of EXPECTED.entries()) {
      const seen = Number(rows[i]?.['churn']);
      if (!(Math.abs(seen - churn) <= 1e-5)) throw new Error(`${id}: ${seen}, expected ${churn}`);
      expect(rows[i]?.['band']).toBe(bandOf(seen));
    }
  });

  it('gives the same in batches of any size on any number of lanes and engines', async () => {
    await scoreFile(`${FOLDER}job.ts`, {
      output: place.path('out'),
      batchRows: 100,
      lanes: 2,
      engines: 2,
    });
    const rows = await place.results('customer_id, churn');
    const off = rows.filter(
      (row, i) =>
        row['customer_id'] !== EXPECTED[i]?.id ||
        !(Math.abs(Number(row['churn']) - (EXPECTED[i]?.churn ?? 0)) <= 1e-5),
    );
    expect([rows.length, off]).toEqual([7043, []]);
  });

  it('gives a file that a reader of other people reads: hyparquet', async () => {
    const file = await writeTwin((job) => ({
      ...job,
      output: { ...job.output, uri: './out', compression: 'snappy' },
    }));
    const { manifest } = await scoreFile(file);
    const rows: Record<string, unknown>[] = [];
    for (const { key } of manifest.parts) {
      rows.push(
        ...(await parquetReadObjects({ file: await asyncBufferFromFile(place.path('out', key)) })),
      );
    }
    expect(rows.map((row) => row['customer_id'])).toEqual(EXPECTED.map(({ id }) => id));
    for (const [i, { churn }] of EXPECTED.entries()) {
      expect(Math.abs(Number(rows[i]?.['churn']) - churn)).toBeLessThanOrEqual(1e-5);
      expect(rows[i]?.['band']).toBe(bandOf(Number(rows[i]?.['churn'])));
    }
  });
});

describe('the same job in YAML', () => {
  it('conforms to the published JSON Schema, and has the same plan', async () => {
    const file = await writeTwin((job) => ({ ...job, output: { ...job.output, uri: './out' } }));
    const { definition } = await loadJob(file, '/');
    const conforms = new Ajv2020({ allowUnionTypes: true }).compile(jobJsonSchema());
    expect(conforms(definition), JSON.stringify(conforms.errors)).toBe(true);

    const yaml = await scoreFile(file);
    const output = place.path('out');
    const ts = await scoreFile(`${FOLDER}job.ts`, {
      output,
      mode: 'overwrite',
      input: `${FOLDER}customers.parquet`,
    });
    expect(ts.plan.digest).toBe(yaml.plan.digest);
    expect(ts.runId).not.toBe(yaml.runId);
    expect(JSON.parse(await readFile(place.path('out/_SUCCESS'), 'utf8'))).toMatchObject({
      runId: ts.runId,
    });
  });
});
