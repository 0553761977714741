import type { RunReport } from '@shardmill/client/report';
import { formatDuration, formatValue } from '../../ui/text/format.js';
import { markdownTable, markdownText } from '../markdown-text.js';
import { compareRuns } from './compare-runs.js';

/** Two runs side by side, as Markdown. */
export function compareMarkdown(first: RunReport, second: RunReport): string {
  const { facts, columns, steps } = compareRuns(first, second);
  const mean = (column: { readonly mean: number | null } | undefined): string =>
    column === undefined || column.mean === null ? '–' : formatValue(column.mean);
  return [
    '# Two runs',
    markdownTable(
      ['', 'First', 'Second'],
      facts.map(({ name, values: [a, b], same }) => [
        markdownText(name),
        markdownText(a),
        same ? 'the same' : markdownText(b),
      ]),
    ),
    '## Means of the results',
    markdownTable(
      ['Column', 'First', 'Second'],
      columns.map(({ name, columns: [a, b] }) => [markdownText(name), mean(a), mean(b)]),
      1,
    ),
    '## Time by step',
    markdownTable(
      ['Step', 'First', 'Second'],
      steps.map(({ name, seconds: [a, b] }) => [markdownText(name), timeOf(a), timeOf(b)]),
      1,
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

const timeOf = (seconds: number | null): string =>
  seconds === null ? '–' : formatDuration(seconds * 1000);
