import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandLineHarness } from '../../testing/command-line-harness.js';

let harness: CommandLineHarness;
beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

// What it makes is tested where an engine is: `test/quality/drift.test.ts`.
it.each([
  ['-o p.json', 'there is nothing to profile: expected a job, or a data set with --input'],
  ['--input in.parquet --param ds=1 -o p.json', '--param is of a job'],
  ['churn --columns a -o p.json', '--columns is of a data set without a job'],
  ['in.parquet -o p.json', 'in.parquet is a data set, and no job'],
  ['--input in.parquet', "required option '-o, --output <file>' not specified"],
  ['--input in.parquet --columns , -o p.json', /Expected names with commas between them/],
])('profile create %s is refused, and writes nothing', async (args, message) => {
  const { exitCode, stdout } = await harness.shardmill(`profile create ${args} --json`);
  expect({ exitCode, ...JSON.parse(stdout).error }).toMatchObject({
    exitCode: 2,
    code: 'USAGE',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    where: 'shardmill profile create',
  });
  expect(await readdir(harness.root)).toEqual(['jobs']);
});
