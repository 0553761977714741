import type { Scoring } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { quoteText } from '../duckdb/quote.js';
import { makeSubstitute } from '../substitute/model-substitute.js';
import {
  type Case,
  feature,
  modelFile,
  open,
  openWriter,
  scoringOf,
  TEXT_GROUP,
  TEXT_NUMBERS,
  TEXT_TREES,
  usePartWriters,
  write,
  type Written,
} from '../testing/part-writers.js';
import { TEXTS } from '../testing/random-text-model.js';

usePartWriters();

const TEXT_MODELS = { textTrees: TEXT_TREES, textNumbers: TEXT_NUMBERS, textGroup: TEXT_GROUP };
type TextModel = keyof typeof TEXT_MODELS;

/** Texts of all kinds, in another order for each input; `more` are SQL. */
function textFeature(
  input: string,
  place: number,
  more: readonly string[],
): Scoring['features'][number] {
  const list = [...TEXTS.map(quoteText), "'unseen ' || (id % 300)", ...more];
  const sql = `([${list.join(', ')}])[1 + ((id * ${place * 2 + 1} + id // 97) % ${list.length})]`;
  return {
    input,
    type: 'string',
    layout: 'scalars',
    width: 1,
    rowShape: [1],
    columns: [{ label: `text ${place}`, sql }],
  };
}

function textCase(model: TextModel, more: readonly string[] = []): Case {
  const { inputs, outputs } = TEXT_MODELS[model];
  const [output] = outputs;
  const features = inputs.map((input, place) =>
    input.type === 'string'
      ? textFeature(input.name, place, more)
      : { ...feature(input.name, ['a']), rowShape: [1] },
  );
  return {
    model,
    inputs: [...inputs],
    outputs,
    features,
    columns: { id: 'id', y: output?.name ?? '' },
  };
}

/** Writes the part with tables, and returns what became of it. */
async function withTables(
  what: Case,
  change: Partial<Scoring> = {},
): Promise<Written & { readonly problems: string[] }> {
  const scoring = { ...scoringOf(what), ...change };
  const substitute = await makeSubstitute(modelFile(what.model), scoring);
  if ('why' in substitute) throw new Error(substitute.why);
  expect(substitute.texts?.encoders.some(({ inputs }) => inputs.length > 1)).toBe(true);
  const problems: string[] = [];
  const { setup } = open(what, change);
  const writer = openWriter({ ...setup, substitute }, (problem) => problems.push(problem));
  return { ...(await write(writer, { survey: true })), problems };
}

describe('texts that come as codes', () => {
  it.each<[TextModel, string[]]>([
    ['textTrees', ['treeKernel', 'textTables']],
    ['textNumbers', ['textTables']],
    ['textGroup', ['textTables']],
  ])('give the same file as texts: %s', async (model, by) => {
    const got = await withTables(textCase(model));
    const wanted = await write(open(textCase(model)), { survey: true });
    expect(got.problems).toEqual([]);
    expect(got.scoredBy).toEqual(by);
    expect(wanted.scoredBy).toEqual([]);
    expect(got.rows).toEqual(wanted.rows);
    expect(got.counts?.rejected).toBe(0);
  });

  it('are rejected as texts are, where they are null or hold a NUL character', async () => {
    const what = textCase('textTrees', ['NULL', "'a' || chr(0) || 'b'", "'a' || chr(0)"]);
    const got = await withTables(what);
    const wanted = await write(open(what), { survey: true });
    expect(got.problems).toEqual([]);
    expect(got.scoredBy).toEqual(['treeKernel', 'textTables']);
    expect(got.rows).toEqual(wanted.rows);
    expect(got.rejects).toEqual(wanted.rejects);
    expect(new Set(got.rejects?.reasons.map((reason) => reason.replace(/.*" /, '')))).toEqual(
      new Set(['is null', 'holds a NUL character']),
    );
  });
});
