import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { inRepository } from '../support/repository.js';
import { runProgram } from '../support/run-program.js';
import type { Mutation } from './mutation.js';

/** How tests ended with a mutation. */
export interface MutatedRun {
  readonly passed: number;
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
  /** Files that could not be loaded, with their errors; that there was no file at all is reported here, too. */
  readonly crashed: readonly string[];
  /** Files that were changed as they were loaded. */
  readonly changed: readonly string[];
}

const VITEST = path.join(
  path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);

const CONFIG = fileURLToPath(new URL('child.config.ts', import.meta.url));

const report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/**
 * Runs tests in a vitest of their own, with a guard missing.
 * @param mutation none: as the product is.
 */
export async function runMutated(
  mutation: Mutation | undefined,
  { tests, only }: Pick<Mutation, 'tests' | 'only'>,
): Promise<MutatedRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shardmill-mutation-'));
  try {
    const [reportFile, note] = [path.join(folder, 'report.json'), path.join(folder, 'note')];
    const reporting = ['--reporter', 'json', '--outputFile', reportFile];
    const args = ['run', '--config', CONFIG, ...reporting, '--testNamePattern', only, ...tests];
    const { stdout, stderr } = await runProgram(process.execPath, [VITEST, ...args], {
      cwd: inRepository(),
      env:
        mutation === undefined
          ? {}
          : { SHARDMILL_MUTATION: mutation.name, SHARDMILL_MUTATION_NOTE: note },
    });
    const text = await readFile(reportFile, 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error(`vitest gave no report: ${stdout}\n${stderr}`);
    const { numPassedTests, testResults } = report.parse(JSON.parse(text));
    const isFailed = ({ status }: { readonly status: string }): boolean => status === 'failed';
    return {
      passed: numPassedTests,
      failed: testResults.flatMap(({ assertionResults }) =>
        assertionResults.filter(isFailed).map(({ fullName }) => fullName),
      ),
      crashed: [
        ...testResults
          .filter((file) => isFailed(file) && !file.assertionResults.some(isFailed))
          .map(({ name, message }) => `${name}: ${message}`),
        ...tests.filter((test) => !testResults.some(({ name }) => name.endsWith(test))),
      ],
      changed: await readFile(note, 'utf8').then(
        (lines) => [...new Set(lines.trim().split('\n'))],
        () => [],
      ),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
