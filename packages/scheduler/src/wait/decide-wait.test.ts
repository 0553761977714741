import type { WaitFor } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { conditionsOf, decideWait, type FileFacts, type InputFacts } from './decide-wait.js';

const MINUTE = 60_000;
const waitFor = (conditions: Partial<WaitFor>): WaitFor => ({
  every: '30s',
  timeout: '1h',
  onTimeout: 'fail',
  ...conditions,
});
const files = (change: Partial<FileFacts> = {}): InputFacts => ({
  missingMarkers: [],
  files: {
    count: 3,
    absent: [],
    rows: null,
    unreadable: 0,
    fingerprint: 'f',
    changing: false,
    ...change,
  },
});
const NO_MARKER: InputFacts = { missingMarkers: ['/in/_SUCCESS'], files: null };
const MARKER: InputFacts = { missingMarkers: [], files: null };

/** After 10 minutes of waiting, unless said otherwise. */
const decide = (
  facts: InputFacts,
  conditions: Partial<WaitFor>,
  { waitedMs = 10 * MINUTE, unchangedMs = 0 } = {},
) => decideWait(facts, waitFor(conditions), 1000, 1000 + waitedMs - unchangedMs, 1000 + waitedMs);

describe('a run goes on', () => {
  it.each([
    [MARKER, { marker: '_SUCCESS' }, 0],
    [files(), { files: 3 }, 0],
    [files({ rows: 100 }), { rows: 100 }, 0],
    [files(), { unchangedFor: '5m' }, 5 * MINUTE],
    [files({ rows: 7 }), { marker: '_SUCCESS', files: 2, rows: 7, unchangedFor: '1s' }, 1000],
  ] as const)('where all is there: %o %o', (facts, conditions, unchangedMs) => {
    expect(decide(facts, conditions, { unchangedMs })).toEqual({ kind: 'go' });
  });

  it('also where all is there only after its time', () => {
    expect(decide(MARKER, { marker: '_SUCCESS' }, { waitedMs: 61 * MINUTE })).toEqual({
      kind: 'go',
    });
  });
});

describe('a run waits', () => {
  it.each([
    [NO_MARKER, { marker: '_SUCCESS' }, ['/in/_SUCCESS is not there']],
    [files(), { files: 4000 }, ['3 of 4,000 files are there']],
    [
      files({ rows: 99, unreadable: 2 }),
      { rows: 100 },
      ['99 of 100 rows are there, 2 files cannot be read yet'],
    ],
    [files(), { rows: 5 }, ['0 of 5 rows are there']],
    [files(), { unchangedFor: '5m' }, ['the files are unchanged for 0 ms of 5m']],
    [files({ changing: true }), { files: 1 }, ['a file changed while it was looked at']],
    [files({ absent: ['s3://a/b'] }), { files: 1 }, ['nothing is at s3://a/b']],
  ] as const)('and says what is missing: %o %o', (facts, conditions, lacks) => {
    expect(decide(facts, conditions)).toEqual({ kind: 'wait', lacks, delayMs: 30_000 });
  });

  it('for all that is missing of several conditions', () => {
    const facts = { ...files(), missingMarkers: ['/in/m'] };
    expect(decide(facts, { marker: 'm', files: 9, unchangedFor: '2m' })).toMatchObject({
      lacks: [
        '/in/m is not there',
        '3 of 9 files are there',
        'the files are unchanged for 0 ms of 2m',
      ],
    });
  });

  it('no longer than its time', () => {
    const at = (waitedMs: number) => decide(NO_MARKER, { marker: 'm' }, { waitedMs });
    expect(at(60 * MINUTE - 1000)).toMatchObject({ kind: 'wait', delayMs: 1000 });
    expect(at(60 * MINUTE - 1)).toMatchObject({ kind: 'wait', delayMs: 1 });
    expect(at(60 * MINUTE)).toEqual({ kind: 'timed-out', lacks: ['/in/_SUCCESS is not there'] });
  });

  it('not at all where its time is none', () => {
    const once = decide(NO_MARKER, { marker: 'm', timeout: '0ms' }, { waitedMs: 0 });
    expect(once.kind).toBe('timed-out');
  });

  it('where a clock that is behind says that the files change in the future', () => {
    expect(decide(files(), { unchangedFor: '5m' }, { unchangedMs: -MINUTE })).toMatchObject({
      kind: 'wait',
      lacks: ['the files are unchanged for 0 ms of 5m'],
    });
  });
});

it('conditions are reported in a few words each', () => {
  const all = waitFor({ marker: '_SUCCESS', files: 1, rows: 1_000_000, unchangedFor: '10m' });
  expect(conditionsOf(all)).toEqual([
    'marker _SUCCESS',
    '1 file',
    '1,000,000 rows',
    'files unchanged for 10m',
  ]);
});
