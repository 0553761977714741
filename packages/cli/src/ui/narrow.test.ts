import { expect, it } from 'vitest';
import { PLAIN, samplePlan } from '../testing/samples.js';
import { planReport } from './plan-report.js';
import { fieldLines, visibleLength } from './text/text-layout.js';

it('wraps the fields of a report at words, at 60 columns', () => {
  const notice =
    '12 other files are not read: customers.csv, notes.txt, readme.md and 9 more of the same kind';
  const style = { ...PLAIN, width: 60, cwd: '/data' };
  const report = planReport(
    { plan: { ...samplePlan, notices: [notice] }, scorer: { scoredBy: [] } },
    { state: 'free' },
    [],
    style,
  );
  const fields = report.slice(0, report.indexOf('model input')).split('\n');
  for (const line of fields) expect(visibleLength(line), line).toBeLessThanOrEqual(60);
  // No word is lost or cut.
  const words = fields.join(' ').split(/\s+/);
  for (const word of notice.split(' ')) expect(words).toContain(word);
});

it('does not squeeze values into nothing', () => {
  const [line = ''] = fieldLines([['a-very-long-label', 'one two three']], (text) => text, 10);
  expect(line).toContain('one two three');
});
