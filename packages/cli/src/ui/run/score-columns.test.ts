import { expect, it } from 'vitest';
import { samplePlan } from '../../testing/samples.js';
import { scoreColumns } from './score-columns.js';

const withColumns = (columns: Record<string, string>): string[] =>
  scoreColumns({
    ...samplePlan.scoring,
    output: {
      ...samplePlan.scoring.output,
      columns: Object.entries(columns).map(([name, sql]) => ({ name, sql, type: 'DOUBLE' })),
    },
  });

it('are those made of model outputs, directly or through another', () => {
  expect(
    withColumns({
      customer_id: 'customer_id',
      churn: 'Probabilities[2]',
      percent: 'churn * 100',
      other: 'model.label',
      quoted: '"probabilities"[1]',
      text: "concat('probabilities', customer_id)",
    }),
  ).toEqual(['churn', 'percent', 'other', 'quoted']);
});
