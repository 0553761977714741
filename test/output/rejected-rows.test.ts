import { rm } from 'node:fs/promises';
import { runReportSchema } from '@shardmill/client/report';
import { failsOnRows } from '@shardmill/test-kit';
import { describe, expect, test } from 'vitest';
import { type Ended, runOf } from '../support/command.js';
import { expectRefused } from '../support/expect-refusal.js';
import { finishedMarks, partFacts, sha256Of } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** 105 rows in 2 parts, of which the last 5 make the model throw. */
async function prepareFailures(errors: object = {}): Promise<void> {
  await place.prepare({
    rows: 105,
    model: failsOnRows({ tableSize: 100 }),
    job: {
      features: { id: 'id' },
      output: { uri: 'out', columns: { id: 'id', value: 'value' } },
      plan: { partRows: 50, shardParts: 1 },
      errors,
    },
  });
}

const run = (...options: string[]): Promise<Ended> =>
  place.shardmill('run', 'job.json', '--json', ...options);

describe('rows that the model throws for', () => {
  test('are kept with the reason, and none is allowed by default', async () => {
    await prepareFailures();
    await expectRefused(place, await run(), {
      code: 'REJECTED_OVER_BUDGET',
      exit: 3,
      message: /^5 of 105 rows \(4\.8%\) were rejected, allowed are 0/,
      where: '/rejected/',
      remedy: /--max-rejected-rows/,
    });
    const rejected = `read_parquet('${place.path('out/_shardmill/*/rejected/*')}')`;
    const rows = await place.sql(`SELECT id, _reason, _file, _row FROM ${rejected} ORDER BY id`);
    expect(rows).toEqual(
      [100, 101, 102, 103, 104].map((id) => ({
        id,
        _reason: expect.stringMatching(new RegExp(`^model: .*idx=${id} must be within`)),
        _file: place.path('data/a.parquet'),
        _row: id,
      })),
    );
    expect(
      await place.results('count(*) AS n, max(id) AS last, sum(value - id) AS halves'),
    ).toEqual([{ n: 100, last: 99, halves: 50 }]);
  });

  test('are accepted by the same command with a budget, and nothing is scored again', async () => {
    await prepareFailures();
    expect((await run()).code).toBe(3);
    const out = place.path('out');
    const before = await partFacts(out);
    const done = runOf(await run('--max-rejected-rows', '10'));
    expect(done).toMatchObject({
      resumed: true,
      rowsResumed: 105,
      rows: { read: 105, scored: 100, rejected: 5, filtered: 0 },
    });
    expect(await partFacts(out)).toEqual(before);
    expect(await finishedMarks(out)).toEqual([
      '_SUCCESS',
      `_shardmill/${done.runId}/manifest.json`,
    ]);
    const manifest = await place.manifest(done.runId);
    expect(manifest).toMatchObject({ rejectedBudget: 10, rows: done.rows });
    expect(manifest.rejected).toHaveLength(1);
    for (const { key, sha256 } of manifest.rejected) {
      expect(sha256).toBe(await sha256Of(place.path('out', key)));
    }
    const report = await place.shardmill('report', 'out', '--json');
    const { rejected } = runReportSchema.parse(JSON.parse(report.stdout));
    expect(rejected.examplesMissing).toBeNull();
    const at = rejected.columns.indexOf('id');
    const examples = rejected.reasons.flatMap(({ examples: rows }) => rows.map((row) => row[at]));
    expect(new Set(examples)).toEqual(new Set(['100', '101', '102', '103', '104']));
  });

  test('are reported by their most frequent reasons, again after a crash before the record', async () => {
    await place.prepare({
      rows: 100,
      job: {
        features: {
          features: ['CASE WHEN id % 10 <> 7 THEN a END', 'CASE WHEN id > 2 THEN b END', 'c'],
        },
        plan: { partRows: 50, shardParts: 1 },
      },
    });
    const ended = await run();
    const { error } = JSON.parse(ended.stdout);
    expect(error.message).toMatch(
      /; 10 for: feature features: "CASE WHEN id % 10 .* is null or out of range; 3 for: feature/,
    );
    const [plan] = await place.sql(
      `SELECT parse_path(file)[-2] AS run FROM glob('${place.path('out/_shardmill/*/plan.json')}')`,
    );
    await rm(place.path('out/_shardmill', String(plan?.['run']), 'shards'), { recursive: true });
    const text = await place.shardmill('run', 'job.json', '--max-rejected-rows', '50%');
    expect(text.stdout).toMatch(/10 × feature features: "CASE WHEN id % 10/);
    expect(text.stdout).toMatch(/3 × feature features: "CASE WHEN id > 2/);
    const manifest = await place.manifest(String(plan?.['run']));
    const counted = Object.values(manifest.rejectedReasons ?? {}).reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(manifest.rows.rejected);
  });

  test('are counted against a percentage of the rows read', async () => {
    await prepareFailures({ maxRejectedRows: '4%' });
    await expectRefused(place, await run(), {
      code: 'REJECTED_OVER_BUDGET',
      exit: 3,
      message: /allowed are 4 \(4%\)/,
    });
    expect(runOf(await run('--max-rejected-rows', '5%')).rows.rejected).toBe(5);
  });

  test('are within a budget of exactly their number', async () => {
    await prepareFailures({ maxRejectedRows: 5 });
    expect(runOf(await run()).rows).toEqual({ read: 105, scored: 100, rejected: 5, filtered: 0 });
  });

  test('are one too many for a budget of one less', async () => {
    await prepareFailures({ maxRejectedRows: 4 });
    expect((await run()).code).toBe(3);
  });
});
