import type {
  DateChoice,
  DateOutcome,
  PlannedBackfill,
  SeenBackfill,
  ShownBackfill,
} from '@shardmill/client/backfill';
import { parseJob } from '@shardmill/core/schemas';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../testing/samples.js';
import { visibleLength } from '../text/text-layout.js';
import { backfillReport, backfillsTable, progressText } from './backfill-text.js';
import { backfillPlanText } from './plan-text.js';

const RUN = '20261122T010001Z-00000000';
const job = parseJob(
  {
    name: 'a-job-with-a-name-that-is-as-long-as-a-name-may-be-63-letters',
    input: { uri: 'in' },
    model: { uri: 'm.onnx' },
    output: { uri: 'out/{{ ds }}', columns: { score: 'score' } },
    schedule: { cron: '0 5 * * *', timezone: 'Asia/Kathmandu' },
  },
  'job.json',
);
const dayOf = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();

function choicesOf(count: number): DateChoice[] {
  return Array.from({ length: count }, (_, n) => {
    const due = { ts: dayOf(n), start: dayOf(n - 1), end: dayOf(n) };
    const taken = { ...due, mode: 'create', replaces: null } as const;
    return n % 2 === 0
      ? { due, finding: { kind: 'missing' }, why: 'not scored yet', taken }
      : {
          due,
          finding: { kind: 'under-way', what: '' },
          why: `failed: MODEL_OPERATOR_UNSUPPORTED in ${RUN} (--reprocess failed)`,
          taken: undefined,
        };
  });
}

function planned(count: number, estimate?: PlannedBackfill['estimate']): PlannedBackfill {
  const choices = choicesOf(count);
  return {
    choices,
    timezone: 'Asia/Kathmandu',
    estimate,
    request: {
      id: RUN,
      submittedAt: dayOf(0),
      submittedBy: 'ada@a-host-with-a-long-name.example',
      job,
      jobFile: '/jobs/job.json',
      params: {},
      priority: 25,
      failFast: false,
      place: 'fleet',
      range: { from: '2026-01-01', to: '2026-12-31', every: '0 5 * * *', reprocess: 'missing' },
      maxActive: 3,
      dates: choices.flatMap(({ taken }) => (taken === undefined ? [] : [taken])),
    },
  };
}

function shown(count: number): ShownBackfill {
  const { request } = planned(count);
  const outcome = (n: number): DateOutcome => ({
    outcome: n % 2 === 0 ? 'finished' : 'failed',
    at: dayOf(n),
    run: RUN,
    runRound: 0,
    rows: n % 2 === 0 ? { read: 12_345_678, scored: 12_345_678, rejected: 0, filtered: 0 } : null,
    seconds: 4321,
    error: n % 2 === 0 ? null : { code: 'MODEL_OPERATOR_UNSUPPORTED', message: '', remedy: '' },
  });
  return {
    backfill: { request, events: [], phase: 'failed', round: 0, endedAt: dayOf(9) },
    counts: { open: 0, finished: 1, failed: 1, cancelled: 0, skipped: 0 },
    dates: request.dates.map(({ ts, mode, replaces }, n) => ({
      ts,
      mode,
      replaces,
      state: outcome(n).outcome,
      outcome: outcome(n),
    })),
  };
}

const seen: SeenBackfill = shown(10);
const NOW = Date.parse(dayOf(30));

describe.each([60, 80, 100])('on a terminal of %i columns', (width) => {
  const style = { ...PLAIN, width };
  it.each([
    ['dates', backfillPlanText(planned(9, { from: 12, rows: 84_516_000, seconds: 4321 }), style)],
    ['backfills', backfillsTable([seen], true, NOW, style)],
    ['dates of one', backfillReport(shown(9), style)],
  ])('no line of the %s is longer', (_what, text) => {
    const tooLong = text.split('\n').filter(
      // A name is not cut.
      (line) => visibleLength(line) > width && /\S \S/.test(line),
    );
    expect(tooLong).toEqual([]);
  });
});

it('what a backfill would do ends with what it comes to', () => {
  const text = backfillPlanText(planned(3, { from: 1, rows: 14_086, seconds: 90 }), PLAIN);
  expect(text.split('\n')).toEqual([
    '+  2026-01-01  not scored yet',
    '·  2026-01-02  failed: MODEL_OPERATOR_UNSUPPORTED in 20261122T0100…',
    '+  2026-01-03  not scored yet',
    '',
    '2 dates to run, 1 left out; 2 at once, the oldest first',
    'About 14,086 rows and 1 min 30 s, by 1 date that was scored.',
  ]);
});

it('of very many dates the first and the last are shown, and how many are between', () => {
  const lines = backfillPlanText(planned(365), PLAIN).split('\n');
  expect(lines.length).toBeLessThan(210);
  expect(lines[0]).toContain('2026-01-01');
  expect(lines).toContain('  … 165 more: --json has all of them');
  expect(lines.some((line) => line.includes('2026-12-31'))).toBe(true);
});

it('how a backfill stands is said in a line', () => {
  expect(progressText(seen)).toBe('1 of 5 dates finished, 1 failed');
});
