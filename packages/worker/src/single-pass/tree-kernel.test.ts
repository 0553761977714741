import type { Scoring } from '@shardmill/core';
import { describe, expect, it, vi } from 'vitest';
import {
  type Case,
  feature,
  modelFile,
  type ModelName,
  open,
  openWriter,
  scoringOf,
  tensor,
  usePartWriters,
  write,
  type Written,
} from '../testing/part-writers.js';
import { makeSubstitute } from '../substitute/model-substitute.js';
import { TreeSession } from '../tree-kernel/tree-session.js';

usePartWriters();

describe('a tree kernel in place of the model', () => {
  const trees = (first: string): Case => ({
    model: 'trees',
    inputs: [tensor('features', 'float32', 3)],
    outputs: [tensor('score', 'float32', 1)],
    features: [feature('features', [first, 'b', 'c'])],
    columns: { id: 'id', score: 'score' },
  });

  /** Writes the part with the kernel of a model, and returns how it was used. */
  async function withKernel(
    what: Case,
    of: ModelName,
    change: Partial<Scoring> = {},
    atAnyCost = true,
  ): Promise<Written & { readonly problems: string[] }> {
    const scoring = { ...scoringOf(what), ...change };
    const substitute = await makeSubstitute(modelFile(of), scoring);
    if ('why' in substitute) throw new Error(substitute.why);
    const problems: string[] = [];
    const { setup } = open(what, change, atAnyCost);
    const writer = openWriter({ ...setup, substitute }, (problem) => problems.push(problem));
    return { ...(await write(writer, { survey: true })), problems };
  }

  it.each<[string, string, Scoring['nulls']]>([
    ['without nulls', 'a', 'reject'],
    ['with rows to reject', 'nullif(a, 50)', 'reject'],
    ['with nulls that are NaN', 'nullif(a, 50)', 'nan'],
  ])('writes the same file, from columns as they are: %s', async (_, first, nulls) => {
    const got = await withKernel(trees(first), 'trees', { nulls });
    const wanted = await write(open(trees(first), { nulls }), { survey: true });
    expect(got.scoredBy).toEqual(['treeKernel']);
    expect(wanted.scoredBy).toEqual([]);
    expect(got.problems).toEqual([]);
    expect(got.rows).toEqual(wanted.rows);
    expect(got.counts).toEqual(wanted.counts);
  });

  it('is not too expensive where a call of few rows takes as long as one of many', async () => {
    const scoreColumns = Reflect.get(TreeSession.prototype, 'scoreColumns');
    const slow = vi.spyOn(TreeSession.prototype, 'scoreColumns').mockImplementation(function (
      this: TreeSession,
      ...call
    ) {
      const started = performance.now();
      while (performance.now() - started < 3);
      return Reflect.apply(scoreColumns, this, call);
    });
    try {
      expect((await withKernel(trees('a'), 'trees', {}, false)).scoredBy).toEqual(['treeKernel']);
      expect(slow).toHaveBeenCalled();
    } finally {
      slow.mockRestore();
    }
  });

  it('is not used where its first rows are not those of the model', async () => {
    const got = await withKernel(trees('a'), 'otherTrees');
    expect(got.scoredBy).toEqual([]);
    expect(got.problems).toEqual([expect.stringContaining('output "score" of row 0')]);
    expect(got.rows).toEqual((await write(open(trees('a')))).rows);
  });
});
