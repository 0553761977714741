import { Stores } from '@shardmill/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { validateJob } from '../commands/validate.js';
import { CommandLineHarness } from '../testing/command-line-harness.js';
import { captureTerminal, PLAIN, sampleManifest, samplePlan } from '../testing/samples.js';
import { runSummary } from './run/run-summary.js';
import { visibleLength } from './text/text-layout.js';

const style = { ...PLAIN, width: 60 };
let harness: CommandLineHarness;

beforeAll(async () => {
  harness = await CommandLineHarness.open();
});
afterAll(() => harness.close());

/** Lines that are too long although they could be broken. */
const tooLong = (text: string): string[] =>
  text.split('\n').filter((line) => visibleLength(line) > 60 && /\S \S/.test(line));

it('what validate found is wrapped at 60 columns, and nothing of it is cut', async () => {
  const notice =
    'at least 12 rows of 40 will be rejected: column "a" is null in 12 rows. If the model takes NaN …';
  const names = Array.from({ length: 9 }, (_, i) => `a_long_output_column_${i}`);
  const columns = names.map((name) => ({ name, type: 'FLOAT', sql: 'x' }));
  const { scoring } = samplePlan;
  const plan = {
    ...samplePlan,
    notices: [notice],
    scoring: { ...scoring, output: { ...scoring.output, columns } },
  };
  const message = 'a run that has another plan is there, and it has not been finished by anybody';
  const fakes = {
    warmUp: () => {},
    planJob: async () => ({ plan, scorer: { scoredBy: [] } }),
    checkOutput: async () =>
      ({ state: 'refused', code: 'OUTPUT_EXISTS', message, remedy: message }) as const,
    scoreAndCompare: async () => Promise.reject(new Error('nothing is compared')),
    stores: new Stores(),
  };
  const terminal = captureTerminal(harness.root);
  const result = await validateJob('jobs/churn/job.json', {}, terminal, fakes);
  const text = result.text(style);
  expect(tooLong(text)).toEqual([]);
  const words = text.replaceAll(/\s+/g, ' ');
  for (const name of names) expect(words).toContain(`${name} FLOAT`);
  expect(words).toContain(notice);
});

it('the summary of a run and what inspect shows of one is wrapped at 60 columns', () => {
  const run = {
    output: '/data/out',
    manifest: sampleManifest,
    manifestPath: '/data/out/_shardmill/x/manifest.json',
    scores: undefined,
  };
  expect(tooLong(runSummary(run, style))).toEqual([]);
  const attempt = { elapsedMs: 500, rowsResumed: 3, resumed: true };
  expect(tooLong(runSummary({ ...run, attempt }, style))).toEqual([]);
});
