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
  TEXT_PAIR,
  TEXT_TREES,
  usePartWriters,
  write,
  type Written,
} from '../testing/part-writers.js';
import { TEXTS } from '../testing/random-text-model.js';

usePartWriters();

const TEXT_MODELS = {
  textTrees: TEXT_TREES,
  textNumbers: TEXT_NUMBERS,
  textGroup: TEXT_GROUP,
  textPair: TEXT_PAIR,
};
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

/** Writes the part with tables, so many times, and returns what became of the last one. */
async function withTables(
  what: Case,
  change: Partial<Scoring> = {},
  parts = 1,
): Promise<Written & { readonly problems: string[] }> {
  const scoring = { ...scoringOf(what), ...change };
  const substitute = await makeSubstitute(modelFile(what.model), scoring);
  if ('why' in substitute) throw new Error(substitute.why);
  expect(substitute.texts?.encoders.some(({ inputs }) => inputs.length > 1)).toBe(true);
  const problems: string[] = [];
  const { setup } = open(what, change);
  const writer = openWriter({ ...setup, substitute }, (problem) => problems.push(problem));
  for (let part = 1; part < parts; part++) await write(writer, { survey: true });
  return { ...(await write(writer, { survey: true })), problems };
}

describe('texts that come as codes', () => {
  it.each<[TextModel, string[]]>([
    ['textTrees', ['treeKernel', 'textTables']],
    ['textNumbers', ['textTables']],
    ['textGroup', ['textTables']],
    ['textPair', ['textTables']],
  ])('give the same file as texts: %s', async (model, by) => {
    const got = await withTables(textCase(model));
    const wanted = await write(open(textCase(model)), { survey: true });
    expect(got.problems).toEqual([]);
    expect(got.scoredBy).toEqual(by);
    expect(wanted.scoredBy).toEqual([]);
    expect(got.rows).toEqual(wanted.rows);
    expect(got.counts?.rejected).toBe(0);
  });

  it.each<[TextModel, string[]]>([
    ['textTrees', ['treeKernel', 'textTables']],
    ['textPair', ['textTables']],
  ])(
    'are rejected as texts are, where they are null or hold a NUL character: %s',
    async (model, by) => {
      const what = textCase(model, ['NULL', "'a' || chr(0) || 'b'", "'a' || chr(0)"]);
      const got = await withTables(what);
      const wanted = await write(open(what), { survey: true });
      expect(got.problems).toEqual([]);
      expect(got.scoredBy).toEqual(by);
      expect(got.rows).toEqual(wanted.rows);
      expect(got.rejects).toEqual(wanted.rejects);
      expect(new Set(got.rejects?.reasons.map((reason) => reason.replace(/.*" /, '')))).toEqual(
        new Set(['is null', 'holds a NUL character']),
      );
    },
  );

  it.each([
    ['are all different', "'the name of row ' || id"],
    ['are the same', "'one for all rows'"],
    ['are null', 'if(id > 100000, id::VARCHAR, NULL)'],
    ['are null as a constant', 'NULL::VARCHAR'],
  ])('give the same file where those of an input %s', async (_, sql) => {
    const what = textCase('textPair');
    const features = what.features.map((one, place) =>
      place === 0 ? one : { ...one, columns: [{ label: 'text', sql }] },
    );
    const changed = { ...what, features };
    // A second part, in which it is known of the first what texts are like.
    const got = await withTables(changed, {}, 2);
    const wanted = await write(open(changed), { survey: true });
    expect(got.problems).toEqual([]);
    expect(got.rows).toEqual(wanted.rows);
    expect(got.rejects).toEqual(wanted.rejects);
  });
});
