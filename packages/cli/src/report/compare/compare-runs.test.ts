import { describe, expect, it } from 'vitest';
import { hostileReport, laterReport, sampleReport } from '../../testing/sample-report.js';
import { compareHtml } from './compare-html.js';
import { compareMarkdown } from './compare-markdown.js';
import { compareRuns } from './compare-runs.js';

describe('two runs', () => {
  it('have facts that are the same, and others', () => {
    const { facts } = compareRuns(sampleReport, laterReport);
    expect(facts.filter(({ same }) => !same).map(({ name }) => name)).toEqual([
      'Run',
      'Model SHA-256',
      'Rows read',
      'Scored',
      'Rejected',
      'Scoring took',
      'Rows per second',
    ]);
    expect(facts.find(({ name }) => name === 'Rejected')?.values).toEqual(['10,000', '0']);
  });

  it('have columns in common, before those of one alone', () => {
    const { columns } = compareRuns(sampleReport, laterReport);
    expect(columns.map(({ name, columns: both }) => [name, ...both.map((c) => c?.mean)])).toEqual([
      ['churn', 0.2653, 0.31],
      ['log_odds', 0.5, undefined],
      ['odds', undefined, 0.5],
    ]);
  });

  it('took time for steps that one of them may lack', () => {
    const { steps } = compareRuns(sampleReport, laterReport);
    expect(steps[0]).toEqual({ name: 'scanAndInfer', seconds: [900, 700] });
    expect(steps).toContainEqual({ name: 'readBack', seconds: [45, null] });
  });
});

describe('two runs side by side', () => {
  it('are a page in which nothing is drawn that is not stored', () => {
    const page = compareHtml(sampleReport, { ...laterReport, throughput: null });
    expect(page).toContain('need at least 4 parts with times');
    expect(page).not.toMatch(/NaN%|="NaN|Infinity|undefined|<script/);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('show texts of the data as text', () => {
    expect(compareHtml(hostileReport(), sampleReport)).not.toMatch(/<script|<img/i);
  });

  it('are tables in Markdown', () => {
    const text = compareMarkdown(sampleReport, laterReport);
    expect(text).toContain('| Job | churn | the same |');
    expect(text).toContain('| churn | 0.2653 | 0.31 |');
    expect(text).toContain('| readBack | 45 s | – |');
  });
});
