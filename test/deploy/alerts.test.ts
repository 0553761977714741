import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderedChart } from '../support/rendered-chart.js';
import { readRepository } from '../support/repository.js';

const FILE = 'deploy/helm/shardmill/alerts.yaml';
const rule = z.strictObject({
  alert: z.string().regex(/^Shardmill[A-Za-z]+$/),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
});
const file = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })),
});

const rules = async () =>
  file.parse(parse(await readRepository(FILE))).groups.flatMap((group) => group.rules);

/** Of schedules, whose metrics are those of another part of the product. */
const OF_SCHEDULES = /^shardmill_schedule_/;

describe('the alert rules', () => {
  it('use metrics that docs/metrics.md has', async () => {
    const document = await readRepository('docs/metrics.md');
    const used = (await rules()).flatMap(({ expr }) => expr.match(/shardmill_\w+/g) ?? []);
    expect(used).not.toEqual([]);
    for (const metric of used.filter((name) => !OF_SCHEDULES.test(name))) {
      expect(document).toContain(`| \`${metric}\` |`);
    }
  });

  it('are those that the chart installs', async () => {
    const found = (await renderedChart('all')).find(({ kind }) => kind === 'PrometheusRule');
    expect(found?.spec).toEqual(parse(await readRepository(FILE)));
  });

  it('have a case for each of them', async () => {
    const cases = await readRepository('test/deploy/alerts-cases.yaml');
    for (const { alert } of await rules()) {
      expect(cases.match(new RegExp(`alertname: ${alert}\\b`, 'g'))?.length).toBeGreaterThan(1);
    }
  });
});
