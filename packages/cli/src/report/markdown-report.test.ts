import { expect, it } from 'vitest';
import { hostileReport, sampleReport } from '../testing/sample-report.js';
import { markdownReport } from './markdown-report.js';

it('has a table of the numbers and a section for all that there is', () => {
  const text = markdownReport(sampleReport);
  expect(text).toContain('# churn\n');
  expect(text).toContain('| 40,001,000 | 39,990,000 | 10,000 | 1,000 | 400 |');
  for (const title of [
    'What ran',
    'Checks',
    'Results',
    'Drift',
    'Champion and challengers',
    'Rejected rows',
    'Time by step',
    'Slowest shards',
    'Retries and interruptions',
  ]) {
    expect(text).toContain(`## ${title}\n`);
  }
});

it('shows what each check came to, and who published the run in spite of one', () => {
  const text = markdownReport(sampleReport);
  expect(text).toContain('| `scores-are-probabilities` | passed |');
  expect(text).toContain('| `enough-rows` | **failed** | 39,990,000 rows were scored;');
  expect(text).toContain(
    String.raw`Accepted by ada at 2026-11-22T05:03:00.000Z: A holiday in \<most\> of`,
  );
  expect(markdownReport({ ...sampleReport, quality: undefined })).not.toContain('## Checks');
});

it('texts of the data are no markup, and each row of a table has its cells', () => {
  const text = markdownReport(hostileReport());
  expect(text.replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/(?<!\\)<(script|img)/);
  const tables = text.split('\n\n').filter((block) => block.startsWith('| '));
  for (const table of tables) {
    const cells = table.split('\n').map((line) => [...line.matchAll(/(?<!\\)\|/g)].length);
    expect(new Set(cells).size).toBe(1);
  }
});

it('leaves out sections that would be empty', () => {
  const text = markdownReport({
    ...sampleReport,
    steps: {},
    columns: [],
    drift: null,
    challengers: [],
    slowestShards: [],
    events: [],
    retried: { shards: 0, list: [] },
    resumed: { parts: 0, rows: 0 },
    rejected: { ...sampleReport.rejected, rows: 0 },
    quality: undefined,
    evaluations: [],
  });
  expect([...text.matchAll(/^## .*/gm)].map(([title]) => title)).toEqual(['## What ran']);
});
