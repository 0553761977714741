import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Column, type InputFile, Stores } from '@shardmill/core';
import { writeParquet } from '@shardmill/test-kit/parquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTypes } from '../compare/pair-columns.js';
import { FooterStager } from '../stage/footer-stager.js';
import { evaluateScores } from './evaluate-scores.js';
import type { EvaluationRequest } from './evaluation-request.js';

interface Recorded {
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly binary: Readonly<Record<string, object>>;
  readonly regression: object;
  readonly classes: { readonly classes: Readonly<Record<string, object>> };
}

/** What scikit-learn measures: record_evaluation.py. */
const recorded: Recorded = JSON.parse(
  await readFile(new URL('../testing/recorded-evaluation.json', import.meta.url), 'utf8'),
);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-evaluate-'));
  const json = path.join(folder, 'rows.json');
  const length = recorded.columns['score']?.length ?? 0;
  const rows = Array.from({ length }, (_, i) => ({
    id: i,
    ...Object.fromEntries(Object.entries(recorded.columns).map(([name, all]) => [name, all[i]])),
  }));
  await writeFile(json, JSON.stringify(rows));
  // Two parts, and labels in another order and of another type of key.
  const from = `FROM read_json('${json}')`;
  const scores = 'id, score, ties, guess, said';
  await writeParquet(path.join(folder, 'part-0'), `SELECT ${scores} ${from} WHERE id < 100`);
  await writeParquet(path.join(folder, 'part-1'), `SELECT ${scores} ${from} WHERE id >= 100`);
  await writeParquet(
    path.join(folder, 'labels'),
    `SELECT id::INTEGER AS id, churned, amount, label ${from} ORDER BY hash(id)`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string): Promise<InputFile> {
  const uri = path.join(folder, name);
  return { uri, bytes: (await stat(uri)).size, etag: 'e' };
}

/** Writes a file for the test, and returns its name. */
async function wrote(name: string, query: string): Promise<string> {
  await writeParquet(path.join(folder, name), query);
  return name;
}

const column = (text: string): Column => {
  const [name = '', type = 'DOUBLE'] = text.split(' ');
  return { name, type };
};

type Asked = Partial<Pick<EvaluationRequest, 'named' | 'task' | 'positive'>> & {
  readonly scores: string[];
  readonly label: string;
  readonly parts?: string[];
  readonly labels?: string;
  readonly keys?: readonly [result: string, labels: string];
};

async function evaluate({
  parts = ['part-0', 'part-1'],
  labels = 'labels',
  keys: [ofResult, ofLabels] = ['id BIGINT', 'id INTEGER'],
  named = true,
  ...asked
}: Asked) {
  const [scores, expected] = [column(ofResult), column(ofLabels)];
  const request: EvaluationRequest = {
    scoreFiles: await Promise.all(parts.map(file)),
    labelFiles: [await file(labels)],
    keys: [{ scores, expected, comparison: compareTypes(scores.type, expected.type) }],
    threshold: 0.5,
    named,
    ...asked,
    scores: asked.scores.map(column),
    label: column(asked.label),
  };
  return evaluateScores(request, new FooterStager(folder, new Stores()));
}

/** All numbers of a value within 1e-12 of what is expected, in the same place. */
function closeTo(expected: object): Record<string, unknown> {
  const near = (one: unknown): unknown => {
    if (typeof one === 'number') return expect.closeTo(one, 12);
    if (Array.isArray(one)) return one.map((item) => expect.objectContaining(closeTo(item)));
    return typeof one === 'object' && one !== null ? expect.objectContaining(closeTo(one)) : one;
  };
  return Object.fromEntries(Object.entries(expected).map(([name, one]) => [name, near(one)]));
}

describe('scikit-learn measures the same', () => {
  it.each(Object.keys(recorded.binary))('of probabilities, ties included: %s', async (name) => {
    const { task, scores } = await evaluate({ scores: [name], label: 'churned BIGINT' });
    expect(task).toBe('binary');
    expect(scores).toMatchObject([
      { column: name, rows: 240, missing: 0, binary: closeTo(recorded.binary[name] ?? {}) },
    ]);
  });

  it('of numbers', async () => {
    const { task, scores } = await evaluate({ scores: ['guess'], label: 'amount' });
    expect(task).toBe('regression');
    expect(scores).toMatchObject([{ regression: closeTo(recorded.regression) }]);
  });

  it('of classes', async () => {
    const { task, scores } = await evaluate({ scores: ['said VARCHAR'], label: 'label VARCHAR' });
    expect(task).toBe('classes');
    const { classes, ...overall } = recorded.classes;
    const found = scores[0]?.classes;
    expect(found).toEqual(expect.objectContaining(closeTo(overall)));
    for (const { class: name, rows, precision, recall, f1 } of found?.classes ?? []) {
      // Where nothing was predicted, scikit-learn has 0 with a warning.
      const values = { rows, precision: precision ?? 0, recall: recall ?? 0, f1 };
      expect(values).toEqual(closeTo(classes[name] ?? {}));
    }
    const sizes = (found?.classes ?? []).map(({ rows }) => rows);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });
});

describe('the tenths', () => {
  it('hold all rows and all positives, and are in the order of the scores', async () => {
    const { scores } = await evaluate({ scores: ['ties'], label: 'churned BIGINT' });
    const lift = scores[0]?.binary?.lift ?? [];
    expect(lift.map(({ decile }) => decile)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(lift.reduce((sum, { positives }) => sum + positives, 0)).toBeCloseTo(
      scores[0]?.binary?.positives ?? -1,
      9,
    );
    expect(lift.at(-1)?.captured).toBeCloseTo(1, 12);
    expect(lift.map(({ rows }) => rows)).toEqual(lift.map(() => 24));
    for (const [index, { meanScore }] of lift.entries()) {
      expect(meanScore).toBeLessThanOrEqual((lift[index - 1]?.meanScore ?? 1) + 1e-12);
    }
  });
});

describe('rows that are not evaluated are counted', () => {
  it('where either side lacks them, or the key, the label or the score is no value', async () => {
    const parts = [
      await wrote(
        'gaps-results',
        `SELECT i AS id, if(i = 2, 'nan'::DOUBLE, if(i = 3, NULL, i / 10)) AS score FROM range(9) r(i) UNION ALL SELECT NULL, 0.5`,
      ),
    ];
    const labels = await wrote(
      'gaps-labels',
      `SELECT i AS id, if(i = 5, 'nan'::DOUBLE, if(i = 6, NULL, i % 2)) AS y FROM range(1, 12) r(i)
       UNION ALL SELECT NULL, 1 UNION ALL SELECT NULL, 0`,
    );
    const keys = ['id BIGINT', 'id BIGINT'] as const;
    const { rows, scores } = await evaluate({ parts, labels, keys, scores: ['score'], label: 'y' });
    expect(rows).toEqual({
      results: 10,
      labels: 13,
      joined: 8,
      withoutLabel: 1,
      withoutResult: 3,
      nullKeys: { results: 1, labels: 2 },
      nullLabels: 2,
    });
    expect(scores).toMatchObject([{ rows: 4, missing: 2 }]);
  });
});

describe('scores that are no probabilities', () => {
  it('are ranked, and have no calibration', async () => {
    const { scores } = await evaluate({ scores: ['guess'], label: 'churned BIGINT' });
    expect(scores[0]?.binary).toMatchObject({
      auc: expect.any(Number),
      logLoss: null,
      brierScore: null,
      calibrationError: null,
      calibration: [],
    });
  });

  it('have no AUC where all labels are the same', async () => {
    const parts = [await wrote('one-results', 'SELECT 1 AS id, 0.3::DOUBLE AS score')];
    const labels = await wrote('one-labels', 'SELECT 1 AS id, true AS y');
    const asked = { parts, labels, keys: ['id INTEGER', 'id INTEGER'] as const };
    const { scores } = await evaluate({ ...asked, scores: ['score'], label: 'y BOOLEAN' });
    expect(scores[0]?.binary).toMatchObject({ auc: null, averagePrecision: 1, positives: 1 });
    expect(scores[0]?.binary?.lift).toHaveLength(10);
  });
});

describe('of several columns', () => {
  it('those that were not named are evaluated where they suit the labels', async () => {
    const scores = ['score', 'ties', 'said VARCHAR'];
    const found = await evaluate({ scores, label: 'churned BIGINT', named: false });
    expect(found.scores.map((score) => score.column)).toEqual(['score', 'ties']);
    const classes = await evaluate({ scores, label: 'label VARCHAR', named: false });
    expect(classes.scores.map((score) => score.column)).toEqual(['said']);
  });

  it('texts with one that stands for yes are labels of two kinds', async () => {
    const found = await evaluate({ scores: ['score'], label: 'label VARCHAR', positive: 'high' });
    expect(found).toMatchObject({ task: 'binary', positive: 'high' });
    const high = recorded.columns['label']?.filter((label) => label === 'high').length;
    expect(found.scores[0]?.binary?.positives).toBe(high);
  });
});

describe('labels are refused', () => {
  it('that have keys in several rows, with how many', async () => {
    const labels = await wrote(
      'double',
      'SELECT unnest([1, 1, 1, 2, 2, 3])::INTEGER AS id, 1 AS churned',
    );
    await expect(
      evaluate({ labels, scores: ['score'], label: 'churned INTEGER' }),
    ).rejects.toMatchObject({
      code: 'LABELS_KEY',
      message: 'the labels have 2 keys in several rows each, 5 rows together: "1", …',
    });
  });

  it('where the result has keys in several rows', async () => {
    const parts = ['part-0', 'part-0'];
    await expect(
      evaluate({ parts, scores: ['score'], label: 'churned BIGINT' }),
    ).rejects.toMatchObject({
      code: 'LABELS_KEY',
      message: expect.stringContaining('the result has 100 keys in several rows each, 200 rows'),
    });
  });

  it('of which no key is in the result', async () => {
    const labels = await wrote(
      'others',
      'SELECT (i + 5000)::INTEGER AS id, 1 AS y FROM range(3) r(i)',
    );
    await expect(evaluate({ labels, scores: ['score'], label: 'y INTEGER' })).rejects.toMatchObject(
      {
        code: 'LABELS_KEY',
        message: `none of the 240 rows of the result has a key of the 3 rows of the labels: "0" is one of the result's and "5000" one of the labels'`,
      },
    );
  });

  it('that are neither 0 nor 1 nor said by a column, until it is known which stands for yes', async () => {
    await expect(evaluate({ scores: ['score'], label: 'label VARCHAR' })).rejects.toMatchObject({
      code: 'LABELS_VALUE',
      message: 'the labels are neither booleans nor 0 and 1, but "low", "medium", "high", "none"',
      remedy: expect.stringContaining('--positive none'),
    });
    await expect(
      evaluate({ scores: ['score'], label: 'label VARCHAR', positive: 'High' }),
    ).rejects.toMatchObject({
      code: 'LABELS_VALUE',
      message: 'no label is "High"; there are "low", "medium", "high", "none"',
    });
  });

  it('that are all null', async () => {
    const labels = await wrote(
      'nulls',
      'SELECT i::INTEGER AS id, NULL::DOUBLE AS y FROM range(9) r(i)',
    );
    await expect(evaluate({ labels, scores: ['score'], label: 'y' })).rejects.toMatchObject({
      code: 'LABELS_VALUE',
      message: 'all 9 labels are null',
    });
  });

  it.each([
    ['said VARCHAR', 'churned BIGINT', undefined, /score "said" is VARCHAR; labels of two kinds/],
    ['guess', 'label VARCHAR', 'classes', /score "guess" is DOUBLE; labels that are classes/],
  ] as const)('for the score %s of the labels %s', async (score, label, task, message) => {
    await expect(evaluate({ scores: [score], label, task })).rejects.toMatchObject({
      code: 'LABELS_COLUMN',
      message: expect.stringMatching(message),
    });
  });
});
