import { describe, expect, it } from 'vitest';
import {
  type Case,
  feature,
  open,
  ROWS,
  SUM,
  tensor,
  usePartWriters,
  write,
} from '../testing/part-writers.js';

usePartWriters();

describe('a single pass', () => {
  it('asks the model once for each row, in the order of the rows, however often it is used', async () => {
    const { rows, reported } = await write(open(SUM));
    expect(reported.at(-1)).toBe(ROWS);
    expect(rows.map(({ id }) => Number(id))).toEqual(Array.from({ length: ROWS }, (_, i) => i));
    const wrong = rows.filter(
      ({ total, twice, a, b }) => total !== Number(a) + Number(b) || twice !== 2 * total,
    );
    expect(wrong).toEqual([]);
  });

  it('asks it only for the rows that the where leaves', async () => {
    const pass = open({ ...SUM, where: 'a < 10 AND b % 2 = 0' });
    const { rows, reported } = await write(pass, { scored: ROWS / 20 });
    expect(rows).toHaveLength(ROWS / 20);
    expect(reported.at(-1)).toBe(ROWS / 20);
  });

  it('has several outputs of a call: whole numbers, and lists', async () => {
    const pass = open({
      model: 'zip',
      inputs: [tensor('features', 'float32', 3)],
      outputs: [tensor('label', 'int64'), tensor('probabilities', 'float32', 2)],
      features: [feature('features', ['a', 'b', 'c'])],
      columns: {
        label: 'label',
        second: 'probabilities[2]',
        sum: 'round(list_sum(model.probabilities), 6)',
        type: 'typeof(probabilities)',
      },
    });
    const { rows } = await write(pass);
    const wrong = rows.filter(
      ({ label, second, sum, type }) =>
        label !== (Number(second) > 0.5 ? 1n : 0n) || sum !== 1 || type !== 'FLOAT[]',
    );
    expect(rows).toHaveLength(ROWS);
    expect(wrong).toEqual([]);
  });

  it('leaves a part to two passes in which the model throws for a row', async () => {
    const pass = open({
      model: 'gather',
      inputs: [tensor('id', 'int64')],
      outputs: [tensor('value', 'float32')],
      features: [{ ...feature('id', ['id']), type: 'int64', rowShape: [] }],
      columns: { value: 'value' },
    });
    const { why } = await write(pass);
    expect(why).toContain('indices element out of data bounds');
  });

  const nulls: Case = { ...SUM, features: [feature('a', ['nullif(a, 99)']), feature('b', ['b'])] };

  it('stops at the first row to reject where there was no survey for such rows', async () => {
    for (const what of [nulls, { ...SUM, missing: 'a' }]) {
      const { why, needsSurvey } = await write(open(what));
      expect(why).toContain('there are rows to reject');
      expect(needsSurvey).toBe(true);
    }
  });

  it('rejects rows, each with its key and reason, and scores the others where they are', async () => {
    const { rows, counts, rejects, reported, why } = await write(open(nulls), { survey: true });
    expect(why).toBeUndefined();
    const [rejected, scored] = [ROWS / 100, ROWS - ROWS / 100];
    expect(counts).toEqual({ read: ROWS, scored, rejected, filtered: 0 });
    expect(reported.at(-1)).toBe(scored);
    expect(rows.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: ROWS }, (_, i) => i).filter((id) => id % 100 !== 99),
    );
    expect(rows.filter(({ total, a, b }) => total !== Number(a) + Number(b))).toEqual([]);
    expect(rejects?.keys).toEqual(Array.from({ length: rejected }, (_, i) => BigInt(i * 100 + 99)));
    expect(new Set(rejects?.reasons)).toEqual(
      new Set(['feature a: "nullif(a, 99)" is null or out of range']),
    );
  });

  it('rejects rows beside lists, in which each has its own elements still', async () => {
    const zip = (first: string): Case => ({
      model: 'zip',
      inputs: [tensor('features', 'float32', 3)],
      outputs: [tensor('label', 'int64'), tensor('probabilities', 'float32', 2)],
      features: [feature('features', [first, 'b', 'c'])],
      columns: { id: 'id', label: 'label', second: 'probabilities[2]', a: 'a', b: 'b' },
    });
    const { rows, counts } = await write(open(zip('nullif(a, 50)')), { survey: true });
    const all = (await write(open(zip('a')))).rows;
    expect(counts?.rejected).toBe(ROWS / 100);
    expect(rows).toEqual(all.filter(({ a }) => a !== 50));
  });

  it.each([
    ['one behind the other', '[a, b, c]', 0],
    ['in any order', 'CASE WHEN id % 3 = 0 THEN [a, b, c] ELSE [a, b, c] END', 0],
    [
      'of which some are rejected',
      'CASE WHEN id % 5 = 0 THEN [a, NULL, c] WHEN id % 5 = 1 THEN [a] ELSE [a, b, c] END',
      (ROWS / 5) * 2,
    ],
  ])('scores lists as columns of the same values: %s', async (_, sql, rejected) => {
    const zip = (features: Case['features']): Case => ({
      model: 'zip',
      inputs: [tensor('features', 'float32', 3)],
      outputs: [tensor('label', 'int64'), tensor('probabilities', 'float32', 2)],
      features,
      columns: { id: 'id', label: 'label', both: 'probabilities' },
    });
    const list = {
      ...feature('features', [sql]),
      layout: 'list' as const,
      width: 3,
      rowShape: [3],
    };
    const got = await write(open(zip([list])), { survey: true });
    const wanted = await write(open(zip([feature('features', ['a', 'b', 'c'])])));
    const kept = wanted.rows.filter(({ id }) => rejected === 0 || Number(id) % 5 > 1);
    expect(got.counts?.rejected).toBe(rejected);
    expect(got.rows).toEqual(kept);
  });

  it('writes an empty file where all rows are rejected', async () => {
    const { rows, counts, rejects } = await write(open({ ...SUM, missing: 'a' }), { survey: true });
    expect(rows).toEqual([]);
    expect(counts).toEqual({ read: ROWS, scored: 0, rejected: ROWS, filtered: 0 });
    expect(rejects?.keys).toHaveLength(ROWS);
  });

  it('searches for rows to reject where there are none', async () => {
    const { rows, counts } = await write(open(SUM), { survey: true });
    expect(rows).toHaveLength(ROWS);
    expect(counts?.rejected).toBe(0);
  });

  it('leaves a null under the policy "fail" to two passes', async () => {
    for (const survey of [false, true]) {
      const { why, needsSurvey } = await write(open(nulls, { nulls: 'fail' }), { survey });
      expect(why).toContain('is null in a row');
      expect(needsSurvey).toBe(false);
    }
  });

  it.each([
    ['nullif(a, 99)', ROWS / 100],
    ['NULL::FLOAT', ROWS],
  ])('makes NaN of nulls where the policy says so: %s', async (sql, nulls) => {
    const some = { ...SUM, features: [feature('a', [sql]), feature('b', ['b'])] };
    const { rows, why } = await write(open(some, { nulls: 'nan' }));
    expect(why).toBeUndefined();
    expect(rows.filter(({ total }) => Number.isNaN(total))).toHaveLength(nulls);
  });

  it('asks the model for each row where all features are constants, too', async () => {
    const same = [feature('a', ['2::FLOAT']), feature('b', ['3::FLOAT'])];
    const { rows, reported } = await write(open({ ...SUM, features: same }));
    expect(reported.at(-1)).toBe(ROWS);
    expect(new Set(rows.map(({ total }) => total))).toEqual(new Set([5]));
  });

  it('leaves a part to two passes in which an expression fails', async () => {
    const pass = open({ ...SUM, columns: { x: 'CAST(a || sum AS DATE)' } });
    expect((await write(pass)).why).toContain('Conversion Error');
  });

  it('leaves a part to two passes whose rows are not as many as were counted', async () => {
    const { why } = await write(open(SUM), { scored: ROWS - 1 });
    expect(why).toContain('49999 rows expected, 50000 scored, 50000 written');
  });

  it('leaves a part to two passes for which the model is not asked', async () => {
    const pass = open({ ...SUM, columns: { id: 'id', name: "'sum'" } });
    expect((await write(pass)).why).toContain('50000 rows expected, 0 scored, 50000 written');
  });

  it('finds out with a few rows that a model is too expensive, unless it is forced, with rejects, too', async () => {
    const what: Case = {
      model: 'busy',
      inputs: [tensor('x', 'float32', 1)],
      outputs: [tensor('y', 'float32', 1)],
      features: [feature('x', ['a'])],
      columns: { y: 'y' },
    };
    const { why, reported } = await write(open(what, {}, false));
    expect(why).toContain('too expensive');
    expect(reported).toEqual([]);
    const rejecting = open({ ...what, features: [feature('x', ['nullif(a, 0)'])] }, {}, false);
    expect((await write(rejecting)).needsSurvey).toBe(true);
    expect((await write(rejecting, { survey: true })).why).toContain('too expensive');
    expect((await write(open(what))).rows).toHaveLength(ROWS);
  });

  it('does not begin a part that was cancelled before its query', async () => {
    const writer = open(SUM);
    const written = write(writer, { survey: true });
    writer.cancel();
    const { why, reported } = await written;
    expect(why).toContain('cancelled');
    expect(reported).toEqual([]);
    expect((await write(writer)).rows).toHaveLength(ROWS);
  });

  it('stops where it is cancelled, and goes on with the next part', async () => {
    const writer = open(SUM);
    const { why, reported } = await write(writer, { onRows: () => writer.cancel() });
    expect(why).toMatch(/cancelled|Interrupt/i);
    expect(reported.at(-1)).toBeLessThan(ROWS);
    expect((await write(writer)).rows).toHaveLength(ROWS);
  });
});
