import { describe, expect, test, vi } from 'vitest';
import { readRepository } from '../support/repository.js';
import { mutate } from './mutate-source.js';
import { mutations } from './mutations.js';
import { mutationsOf } from './mutations-of.js';
import { runMutated } from './run-mutated.js';

// Each takes a core for a few seconds, most of them to start.
vi.setConfig({ maxConcurrency: 2, testTimeout: 300_000 });

const chosen = mutationsOf(mutations, process.env['SHARDMILL_MUTATIONS'], new Date());

describe.concurrent('the tests', () => {
  test('pass with every guard in its place', async () => {
    const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))];
    const only = chosen.map((mutation) => `(${mutation.only})`).join('|');
    const { passed, failed, crashed, changed } = await runMutated(undefined, { tests, only });
    expect([failed, crashed, changed]).toEqual([[], [], []]);
    expect(passed).toBeGreaterThanOrEqual(chosen.length);
  });

  test.each(chosen)('fail without $name', async (mutation) => {
    const { failed, crashed, changed } = await runMutated(mutation, mutation);
    expect(crashed).toEqual([]);
    expect(changed.toSorted()).toEqual(
      [...new Set(mutation.edits.map(({ file }) => file))].toSorted(),
    );
    expect(failed.length).toBeGreaterThan(0);
  });
});

// Only some are tried each day: all are to fit.
test('every mutation changes a text that its file has once', async () => {
  for (const mutation of mutations) {
    for (const { file } of mutation.edits) {
      const code = await readRepository(file);
      expect(() => mutate(mutation, file, code)).not.toThrow();
    }
  }
});

test('a mutation that does not fit its file any more is an error', () => {
  const edit = { file: 'a.ts', text: 'if (x)', replacement: 'if (y)' };
  const mutation = { name: 'a guard', edits: [edit], tests: [], only: '' };
  expect(mutate(mutation, 'a.ts', 'if (x) return;')).toBe('if (y) return;');
  for (const code of ['if (z) return;', 'if (x) if (x) return;']) {
    expect(() => mutate(mutation, 'a.ts', code)).toThrow('"a guard": a.ts');
  }
});

test('every mutation is tried within six days, and all of them on request', () => {
  const numbers = Array.from({ length: 10 }, (_, index) => index);
  const days = [0, 1, 2, 3, 4, 5].map((day) =>
    mutationsOf(numbers, undefined, new Date(Date.UTC(2026, 0, 1 + day))),
  );
  expect(days.flat().toSorted((a, b) => a - b)).toEqual(numbers);
  expect(mutationsOf(numbers, 'all', new Date())).toEqual(numbers);
});
