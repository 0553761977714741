import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Lake } from '../support/lake.js';
import type { Workplace } from '../support/workplace.js';

/** Expects the ids from 0 to `rows` - 1 in the visible parts of an output, each once. */
export async function expectEveryRowOnce(
  place: Workplace,
  rows: number,
  out = 'out',
): Promise<void> {
  expect(
    await place.results(
      'count(*) AS n, count(DISTINCT id) AS ids, min(id) AS lo, max(id) AS hi',
      out,
    ),
  ).toEqual([{ n: rows, ids: rows, lo: 0, hi: rows - 1 }]);
}

/** The same for an output in the lake, of which the parts are fetched. */
export async function expectEveryRowOnceIn(lake: Lake, name: string, rows: number): Promise<void> {
  const folder = `${name}-fetched`;
  await rm(lake.place.path(folder), { recursive: true, force: true });
  await lake.download(name, folder);
  await expectEveryRowOnce(lake.place, rows, folder);
}
