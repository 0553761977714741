import type { BoundChallenger, Scoring } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import {
  type Case,
  feature,
  open,
  openWriter,
  ROWS,
  scoringOf,
  SUM,
  tensor,
  usePartWriters,
  write,
} from '../testing/part-writers.js';
import { makeSubstitute } from '../substitute/model-substitute.js';

usePartWriters();

const ZIP: Case = {
  model: 'zip',
  inputs: [tensor('features', 'float32', 3)],
  outputs: [tensor('label', 'int64'), tensor('probabilities', 'float32', 2)],
  features: [feature('features', ['a', 'b', 'c'])],
  columns: { id: 'id', first: 'probabilities[1]' },
};

interface Beside {
  readonly of?: Case;
  readonly features?: Scoring['features'];
  /** Which rows are in its share. */
  readonly rows?: string;
  readonly columns?: readonly {
    readonly name: string;
    readonly sql: string;
    readonly type: string;
  }[];
  readonly compared?: BoundChallenger['compared'];
}

/** The changes of a scoring in which challengers score beside. */
function beside(champion: Case, ...others: Beside[]): Partial<Scoring> {
  const { output } = scoringOf(champion);
  const challengers = others.map((other, index): BoundChallenger => {
    const { model, features } = scoringOf(other.of ?? champion);
    return {
      name: `next${index}`,
      model,
      features: other.features ?? features,
      share: 1,
      rows: other.rows ?? null,
      bands: [50, 400],
      compared: other.compared ?? [
        { champion: 'total', challenger: `next${index}_total`, kind: 'numbers' },
      ],
      rankEvery: 7,
    };
  });
  const columns = others.flatMap((other, index) => [
    ...(other.columns ?? [
      { name: `next${index}_total`, sql: `("_shardmill_challenger_${index}_0")`, type: 'FLOAT' },
    ]),
    {
      name: `next${index}_scored`,
      sql: `("_shardmill_challenger_${index}_scored")`,
      type: 'BOOLEAN',
    },
  ]);
  return { challengers, output: { ...output, columns: [...output.columns, ...columns] } };
}

describe('challengers in a single pass', () => {
  it('score the rows of the champion, those with the same features by the same tensors', async () => {
    const doubled = [feature('a', ['a * 2']), feature('b', ['b'])];
    const { rows, contents } = await write(open(SUM, beside(SUM, {}, { features: doubled })));
    expect(rows).toHaveLength(ROWS);
    const wrong = rows.filter(
      ({ a, b, total, ...row }) =>
        total !== Number(a) + Number(b) ||
        row['next0_total'] !== total ||
        row['next1_total'] !== 2 * Number(a) + Number(b) ||
        row['next0_scored'] !== true ||
        row['next1_scored'] !== true,
    );
    expect(wrong).toEqual([]);
    expect(contents?.[1]).toEqual(contents?.[0]);
    expect(contents?.[0]?.challengers).toMatchObject([
      { name: 'next0', sampled: ROWS, failed: 0, columns: [{ largest: 0 }] },
      { name: 'next1', sampled: ROWS, failed: 0, columns: [{ largest: 99 }] },
    ]);
  });

  it('score the rows of their shares, and mark those that they cannot, beside rows that are rejected', async () => {
    const rejecting = [feature('a', ['nullif(a, 99)']), feature('b', ['b'])];
    const picky = [feature('a', ['nullif(a, 7)']), feature('b', ['b'])];
    const champion = { ...SUM, features: rejecting };
    const { rows, contents, failures } = await write(
      open(
        champion,
        beside(champion, { rows: 'id % 3 = 0' }, { features: picky, rows: 'id % 2 = 1' }),
      ),
      { survey: true },
    );
    expect(rows).toHaveLength(ROWS - ROWS / 100);
    const wrong = rows.filter(({ id, a, total, ...row }) => {
      const [inFirst, inSecond] = [Number(id) % 3 === 0, Number(id) % 2 === 1];
      const scored = inSecond && a !== 7;
      return (
        row['next0_scored'] !== (inFirst ? true : null) ||
        row['next0_total'] !== (inFirst ? total : null) ||
        row['next1_scored'] !== (inSecond ? scored : null) ||
        row['next1_total'] !== (scored ? total : null)
      );
    });
    expect(wrong).toEqual([]);
    expect(contents?.[1]).toEqual(contents?.[0]);
    expect(contents?.[0]?.challengers?.[1]).toMatchObject({ failed: ROWS / 100 });
    expect(failures).toEqual([undefined, expect.stringContaining('"nullif(a, 7)" is null')]);
  });

  it('give lists, also where a chunk has no row of the share', async () => {
    const lists: Beside = {
      of: ZIP,
      rows: 'id BETWEEN 100 AND 102 OR id >= 30000',
      compared: [
        { champion: 'label', challenger: 'next0_label', kind: 'labels' },
        { champion: 'first', challenger: 'next0_first', kind: 'numbers' },
      ],
      columns: [
        { name: 'next0_label', sql: '"_shardmill_challenger_0_0"', type: 'BIGINT' },
        { name: 'next0_first', sql: '"_shardmill_challenger_0_1"[1]', type: 'FLOAT' },
        { name: 'next0_both', sql: '"_shardmill_challenger_0_1"', type: 'FLOAT[]' },
      ],
    };
    const champion = { ...ZIP, columns: { ...ZIP.columns, label: 'label' } };
    const { rows, contents } = await write(open(champion, beside(champion, lists)));
    const wrong = rows.filter(({ id, first, label, ...row }) => {
      const inShare = (Number(id) >= 100 && Number(id) <= 102) || Number(id) >= 30_000;
      return inShare
        ? row['next0_first'] !== first || row['next0_label'] !== label || row['next0_both'] === null
        : row['next0_first'] !== null || row['next0_label'] !== null || row['next0_both'] !== null;
    });
    expect(rows).toHaveLength(ROWS);
    expect(wrong).toEqual([]);
    expect(contents?.[1]).toEqual(contents?.[0]);
    expect(contents?.[0]?.challengers?.[0]?.columns[0]).toMatchObject({ equal: 20_003 });
  });

  it('are scored by generated code once enough rows of a small share were the same', async () => {
    const trees: Case = {
      model: 'trees',
      inputs: [tensor('features', 'float32', 3)],
      outputs: [tensor('score', 'float32', 1)],
      features: [feature('features', ['a', 'b', 'c'])],
      columns: { id: 'id', total: 'score' },
    };
    const change = beside(trees, { rows: 'id % 50 = 0' });
    const substitute = await makeSubstitute(scoringOf(trees).model.uri, scoringOf(trees));
    if ('why' in substitute) throw new Error(substitute.why);
    const { setup } = open(trees, change);
    const problems: string[] = [];
    const challengers = [{ modelPath: setup.modelPath, substitute }];
    const writer = openWriter({ ...setup, challengers }, (problem) => problems.push(problem));
    const { rows } = await write(writer);
    const scored = rows.filter((row) => row['next0_scored'] === true);
    expect(scored).toHaveLength(ROWS / 50);
    expect(scored.filter((row) => row['next0_total'] !== row['total'])).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('leave a part to two passes in which their model throws for a row', async () => {
    const gather: Case = {
      model: 'gather',
      inputs: [tensor('id', 'int64')],
      outputs: [tensor('value', 'float32')],
      features: [{ ...feature('id', ['id']), type: 'int64', rowShape: [] }],
      columns: {},
    };
    const { why } = await write(open(SUM, beside(SUM, { of: gather })));
    expect(why).toContain('indices element out of data bounds');
  });
});
