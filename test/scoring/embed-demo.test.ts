import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { inRepository } from '../support/repository.js';
import { runProgram } from '../support/run-program.js';
import { scoreFile } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

describe('jobs/embed', () => {
  it('makes a vector of the length 1 of each ticket', async () => {
    const { manifest } = await scoreFile(inRepository('jobs', 'embed', 'job.ts'), {
      output: place.path('out'),
    });
    expect(manifest.rows).toMatchObject({ read: 240, scored: 240 });
    expect(manifest.rows.truncated).toBeGreaterThan(0);
    const [row] = await place.sql(
      `SELECT count(DISTINCT ticket_id) AS tickets, min(len(embedding)) AS width,
              max(abs(list_sum([x * x for x in embedding]) - 1)) < 1e-5 AS normalized
       FROM read_parquet('${place.path('out', '*.parquet')}')`,
    );
    expect(row).toEqual({ tickets: 240, width: 16, normalized: true });
  });

  it('has the model and the tokenizer that its script makes', async () => {
    const { code, stderr } = await runProgram(process.execPath, [
      inRepository('jobs', 'embed', 'make.mjs'),
      place.path('made'),
    ]);
    expect(code, stderr).toBe(0);
    for (const name of ['model.onnx', 'tokenizer.json']) {
      const [made, kept] = await Promise.all([
        readFile(place.path('made', name)),
        readFile(inRepository('jobs', 'embed', name)),
      ]);
      expect(made.equals(kept), name).toBe(true);
    }
  });
});
