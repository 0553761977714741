import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlannedShard } from '@shardmill/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleScoring } from '../../testing/sample-scoring.js';
import type { PartOrder, PartOutcome } from '../../single-pass/part-order.js';
import { SinglePass } from './single-pass.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-single-pass-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NEVER = new AbortController().signal;
const ORDER = {
  place: { shard: 0, part: 0 },
  source: '',
  read: 1,
  filtered: 0,
  metadata: {},
  temporaryFolder: '',
};
const IN_VAIN: PartOutcome = { why: 'it does not work' };
const written = (usPerRow: number, file = 'file'): PartOutcome => ({
  file,
  rows: { read: 1, scored: 1, rejected: 0, filtered: 0 },
  rejects: { keys: [], reasons: [] },
  known: new Map(),
  scoredBy: [],
  modelMs: 1,
  challengersMs: 0,
  usPerRow,
});

interface Setup {
  readonly wherePossible?: boolean;
  readonly bytes?: number;
  readonly lanes?: number;
  readonly outcomes?: readonly PartOutcome[];
}

/** A single pass whose lanes answer with these outcomes, and how often all lanes were asked for. */
function open(setup: Setup = {}): {
  pass: SinglePass;
  filled: () => number;
  surveys: boolean[];
} {
  const { wherePossible = false, bytes = 1000, lanes = 2 } = setup;
  const outcomes = [...(setup.outcomes ?? [])];
  const scoring = sampleScoring({ uri: folder, bytes });
  let fills = 0;
  const surveys: boolean[] = [];
  const pool = {
    writePart: async ({ survey }: PartOrder): Promise<PartOutcome> => {
      surveys.push(survey);
      return outcomes.shift() ?? IN_VAIN;
    },
  };
  const fill = async (): Promise<void> => {
    fills++;
  };
  return {
    pass: new SinglePass(scoring, wherePossible, { pool, lanes, fill }),
    filled: () => fills,
    surveys,
  };
}

/** Which parts of a shard of so many suit. */
function suiting(pass: SinglePass, parts: number): number[] {
  const shard: PlannedShard = {
    shard: 0,
    rows: parts,
    files: [],
    parts: Array.from({ length: parts }, (_, part) => ({ part, rows: 1, slices: [] })),
  };
  return shard.parts.filter((part) => pass?.suits(shard, part)).map(({ part }) => part);
}

const write = (pass: SinglePass, several = false): Promise<PartOutcome | undefined> =>
  Promise.resolve(pass?.write(ORDER, several, NEVER, () => {}));

describe('a single pass is chosen', () => {
  it('for every part of a cheap model', () => {
    expect(suiting(open().pass, 3)).toEqual([0, 1, 2]);
  });

  it('for as many parts of an expensive model as keep all lanes busy', () => {
    const { pass } = open({ bytes: 1e6, lanes: 4 });
    expect(suiting(pass, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(suiting(pass, 3)).toEqual([]);
  });

  it('for all parts of a model that looked expensive and is cheap', async () => {
    const { pass } = open({ bytes: 1e6, lanes: 4, outcomes: [written(0.01)] });
    await write(pass);
    expect(suiting(pass, 3)).toEqual([0, 1, 2]);
  });

  it('for no part of a model whose calls take so long that nothing is gained', async () => {
    const { pass } = open({ outcomes: [{ why: 'too expensive', usPerRow: 1000 }] });
    await write(pass);
    expect(suiting(pass, 4)).toEqual([]);
    const forced = open({ wherePossible: true, outcomes: [written(1000)] }).pass;
    await write(forced);
    expect(suiting(forced, 3)).toEqual([0, 1, 2]);
  });

  it('for no part after two that failed', async () => {
    const { pass } = open();
    const reported: number[] = [];
    await pass?.write(ORDER, false, NEVER, (rows) => reported.push(rows));
    expect(reported).toEqual([0]);
    expect(suiting(pass, 2)).toEqual([0, 1]);
    await write(pass);
    expect(suiting(pass, 2)).toEqual([]);
  });
});

describe('rows to reject', () => {
  it('are looked for from the first one on, beginning with its part', async () => {
    const found: PartOutcome = { why: 'there are rows to reject', needsSurvey: true };
    const { pass, surveys } = open({ outcomes: [written(1), found, written(1), written(1)] });
    for (let i = 0; i < 3; i++) expect(await write(pass)).toMatchObject({ file: 'file' });
    expect(surveys).toEqual([false, false, true, true]);
    expect(suiting(pass, 2)).toEqual([0, 1]);
  });
});

describe('the lanes', () => {
  it('are started for a shard of several parts', async () => {
    const { pass, filled } = open({ outcomes: [written(1), written(1)] });
    await write(pass, false);
    expect(filled()).toBe(0);
    await write(pass, true);
    expect(filled()).toBe(1);
  });

  it('leave no file to a run that has stopped', async () => {
    const file = path.join(folder, 'a.parquet');
    await writeFile(file, 'x');
    const { pass } = open({ outcomes: [written(1, file)] });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(pass?.write(ORDER, false, signal, () => {})).rejects.toThrow('enough');
    await expect(access(file)).rejects.toThrow();
  });
});
