import { expect } from 'vitest';
import { type Ended, refusalOf } from './command.js';
import { finishedMarks } from './output-folder.js';
import type { Workplace } from './workplace.js';

export interface ExpectedRefusal {
  readonly code: string;
  /** Exit code; 2 where it is left out. */
  readonly exit?: number;
  readonly message?: RegExp;
  /** File, option or column that `where` must name. */
  readonly where?: string;
  readonly remedy?: RegExp;
}

/** Runs the job and expects an error that says what, where and what to do, and no finished result. */
export async function expectRefusal(place: Workplace, expected: ExpectedRefusal): Promise<void> {
  await expectRefused(place, await place.shardmill('run', 'job.json', '--json'), expected);
}

export async function expectRefused(
  place: Workplace,
  ended: Ended,
  { code, exit = 2, message = /./, where = '', remedy = /./ }: ExpectedRefusal,
): Promise<void> {
  expect(refusalOf(ended)).toEqual({
    code,
    message: expect.stringMatching(message),
    where: expect.stringContaining(where),
    remedy: expect.stringMatching(remedy),
    exitCode: exit,
  });
  expect(ended.code).toBe(exit);
  expect(await finishedMarks(place.path('out'))).toEqual([]);
}
