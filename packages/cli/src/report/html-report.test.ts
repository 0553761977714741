import { describe, expect, it } from 'vitest';
import { hostileReport, sampleReport } from '../testing/sample-report.js';
import { htmlReport } from './html-report.js';

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

describe('a report as a page', () => {
  const page = htmlReport(sampleReport);

  it('loads and runs nothing: no script, and no address that a browser would fetch', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/i);
    expect(page).not.toMatch(/\s(?:src|srcset|xlink:href|on[a-z]+)\s*=/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, to]) => to?.startsWith('#'))).toBe(true);
  });

  it('names the run, the model by its digest, and the plan', () => {
    for (const text of [
      sampleReport.runId,
      sampleReport.model.sha256,
      sampleReport.planDigest,
      'onnxruntime 1.30.0',
      'churn-daily',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('has ids that are there once, each of which is what refers to it', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/(?:aria-labelledby="|href="#)([^"]*)"/g)) {
      expect(ids).toContain(id);
    }
  });

  it('has nothing that is not a number in a drawing', () => {
    expect(page).not.toMatch(/NaN%|="NaN|Infinity|undefined/);
  });

  it('says what is not stored, instead of drawing it', () => {
    const early = htmlReport({
      ...sampleReport,
      throughput: null,
      workers: [],
      slowestShards: [],
      slowestParts: [],
      steps: {},
      columns: [],
      challengers: [],
      profile: null,
      drift: null,
      evaluations: [],
    });
    expect(early).toContain('No part has times');
    expect(early).toContain('No record has times of steps');
    expect(count(early, /<svg/g)).toBe(2);
  });

  it('names the version of a registered model, and the alias that the job names', () => {
    expect(page).toContain('churn@7 (production)');
    const { name: _, version: __, alias: ___, ...unnamed } = sampleReport.model;
    expect(htmlReport({ ...sampleReport, model: unnamed })).not.toContain('Model version');
  });

  it('shows what labels say of each column of scores, where it was saved', () => {
    expect(page).toContain('Scores against labels');
    expect(page).toContain('6,702 of 7,043 rows of the result');
    expect(page).toContain('341 rows of the result without a label (4.8%)');
    for (const column of ['churn', 'challenger']) {
      expect(page).toContain(`${column}, calibration`);
      expect(page).toContain(`${column} by tenths`);
    }
    const { evaluations: _, ...without } = sampleReport;
    expect(htmlReport(without)).not.toContain('Scores against labels');
  });

  it('shows the features of a run that has a profile, and how many rows they are of', () => {
    expect(page).toContain('of 5,000,000 rows: of one block of rows in 8.');
    expect(page).toContain('mean 32.4, σ 24.6, 73 different, 11 NaN');
    expect(page).toContain('2 features were not profiled.');
    expect(htmlReport({ ...sampleReport, profile: null })).not.toContain('id="features"');
  });

  it('shows what each check came to, and who published the run in spite of one', () => {
    const page = htmlReport(sampleReport);
    expect(page).toContain('1 of 2 checks did not pass.');
    expect(page).toContain('accepted by ada at');
    expect(page).toContain('A holiday in &lt;most&gt; of the countries.');
    expect(htmlReport({ ...sampleReport, quality: undefined })).not.toContain('id="checks"');
  });

  it('shows what has drift, why, and how both are distributed', () => {
    expect(page).toContain('1 column with drift');
    expect(page).toContain('<span class="state bad">PSI above 0.2</span>');
    expect(page).toContain('s3://models/churn-baseline.json');
    expect(page).toContain('not in the baseline</span><span>0.0% → 11.8%');
    expect(page).toContain('not compared: the run has too many different texts');
    expect(htmlReport({ ...sampleReport, drift: null })).not.toContain('id="drift"');
  });

  it('shows how a challenger compares: both distributions, and who changes band', () => {
    expect(page).toContain(
      '3,999,000 rows, 10% of the rows; for 100 rows of them it gave no score',
    );
    expect(page).toContain('aria-labelledby="challenger-0-0-challenger"');
    expect(page).toContain('Bands of churn: 5.2% of the rows change theirs');
    expect(page).toContain('<td class="number">59,950</td>');
    const without = htmlReport({ ...sampleReport, challengers: [] });
    expect(without).not.toContain('id="challengers"');
  });

  it('draws no curve of fewer than four parts', () => {
    const { throughput } = sampleReport;
    if (throughput === null) throw new Error('the sample has times');
    const few = htmlReport({ ...sampleReport, throughput: { ...throughput, parts: 3 } });
    expect(few).not.toContain('chart-rate');
    expect(few).toContain('A curve needs at least 4 parts');
  });
});

it('texts of the data are text, whatever they hold', () => {
  const [page, plain] = [htmlReport(hostileReport()), htmlReport(sampleReport)];
  expect(page).not.toMatch(/<script|<img/i);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  // The same elements as without.
  expect(count(page, /<[a-z]/g)).toBe(count(plain, /<[a-z]/g));
});
