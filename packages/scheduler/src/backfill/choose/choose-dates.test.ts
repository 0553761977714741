import { describe, expect, it } from 'vitest';
import type { Reprocess } from '../log/backfill-request.js';
import { chooseDate, type DateFinding, estimateBackfill } from './choose-dates.js';

const DUE = {
  ts: '2026-11-01T05:00:00.000Z',
  start: '2026-10-31T05:00:00.000Z',
  end: '2026-11-01T05:00:00.000Z',
};
const finished = (rows = 100, seconds = 10): DateFinding => ({
  kind: 'finished',
  run: 'r1',
  finishedAt: '2026-11-01T06:00:00Z',
  rows,
  seconds,
});
const failed = (change: Partial<Extract<DateFinding, { kind: 'failed' }>> = {}): DateFinding => ({
  kind: 'failed',
  run: 'r1',
  how: 'failed',
  code: 'INPUT_DAMAGED',
  atOutput: true,
  ...change,
});

describe('which dates a backfill takes', () => {
  const MATRIX: [string, DateFinding, Record<Reprocess, string>][] = [
    ['not scored yet', { kind: 'missing' }, { missing: 'create', failed: 'create', all: 'create' }],
    ['scored', finished(), { missing: '', failed: '', all: 'overwrite r1' }],
    ['failed', failed(), { missing: '', failed: 'overwrite', all: 'overwrite' }],
    [
      'failed before anything was written',
      failed({ atOutput: false }),
      { missing: '', failed: 'create', all: 'create' },
    ],
    [
      'stopped in the middle',
      failed({ how: 'unfinished', code: null }),
      { missing: '', failed: 'overwrite', all: 'overwrite' },
    ],
    [
      'under way',
      { kind: 'under-way', what: 'run r1 is under way' },
      { missing: '', failed: '', all: '' },
    ],
    [
      "of another job's results",
      { kind: 'foreign', what: 'results of the job "other" are there' },
      { missing: '', failed: '', all: '' },
    ],
    ['not due', { kind: 'not-due' }, { missing: '', failed: '', all: '' }],
  ];

  it('one that is a partition of a table replaces its own, and never all of the table', () => {
    const mode = 'replace-partitions';
    const taken = (finding: DateFinding, reprocess: Reprocess) =>
      chooseDate(DUE, finding, reprocess, mode).taken;
    expect(taken({ kind: 'missing' }, 'missing')).toMatchObject({ mode, replaces: null });
    expect(taken(finished(), 'missing')).toBeUndefined();
    expect(taken(finished(), 'all')).toMatchObject({ mode, replaces: 'r1' });
    expect(taken(failed(), 'failed')).toMatchObject({ mode, replaces: null });
  });

  it.each(MATRIX)('one that is %s', (_what, finding, expected) => {
    const answers: Record<string, string> = {};
    for (const reprocess of ['missing', 'failed', 'all'] as const) {
      const { taken } = chooseDate(DUE, finding, reprocess, 'create');
      answers[reprocess] =
        taken === undefined ? '' : [taken.mode, taken.replaces].filter(Boolean).join(' ');
    }
    expect(answers).toEqual(expected);
  });

  it('says why, and how a date that is left out would be taken', () => {
    const why = (finding: DateFinding, reprocess: Reprocess): string =>
      chooseDate(DUE, finding, reprocess, 'create').why;
    expect(why(failed(), 'missing')).toBe('failed: INPUT_DAMAGED in r1 (--reprocess failed)');
    expect(why(failed({ how: 'cancelled', code: null }), 'failed')).toBe('cancelled in r1');
    expect(why(finished(), 'missing')).toBe('scored by r1');
    expect(why(finished(), 'all')).toBe('replaces r1');
  });
});

describe('what a backfill comes to', () => {
  it('is that of the dates that were scored, and their mean for the others', () => {
    const choices = [finished(100, 10), finished(300, 30), { kind: 'missing' } as const].map(
      (finding) => chooseDate(DUE, finding, 'all', 'create'),
    );
    const past = [
      { rows: 100, seconds: 10 },
      { rows: 300, seconds: 30 },
    ];
    expect(estimateBackfill(choices, past, 1)).toEqual({ from: 2, rows: 600, seconds: 60 });
    expect(estimateBackfill(choices, past, 2)?.seconds).toBe(30);
    expect(estimateBackfill(choices, past, 100)?.seconds).toBe(20);
  });

  it('is not known where nothing was scored', () => {
    const choices = [chooseDate(DUE, { kind: 'missing' }, 'missing', 'create')];
    expect(estimateBackfill(choices, [], 1)).toBeUndefined();
  });
});
