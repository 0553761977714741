import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inRepository } from '../support/repository.js';
import { type ProgramResult, runProgram } from '../support/run-program.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-words-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the check on a repository that consists of these files. */
async function check(files: Readonly<Record<string, string>>): Promise<ProgramResult> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return runProgram(process.execPath, [inRepository('scripts', 'check-words.mjs'), folder]);
}

describe('the check of words', () => {
  test.each([
    ['packages/core/src/a.ts', '// It was told so.', '"told"'],
    ['packages/core/src/a.ts', 'const MOST_ROWS = 1;', '"MOST_ROWS"'],
    ['docs/deep/a.md', 'Whoever reads it.', '"Whoever"'],
    ['README.md', 'Shards in hand are finished.', '"Shards in hand"'],
    ['test/a.test.ts', "test('an engine that was started in vain')", '"in vain"'],
    ['test/kit/src/a.ts', '/** With its story. */', '"its story"'],
  ])('refuses in %s: %s', async (file, line, word) => {
    const { code, stdout } = await check({ [file]: `fine\n${line}\n` });
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}:2: not ${word}; write: `);
  });

  test('takes the stored key, parts of other words, and files that it does not look at', async () => {
    const { code, stdout } = await check({
      'packages/core/src/a.ts': 'const { story } = failure; // endearing, retold, ALMOST_ALL',
      'packages/core/dist/a.js': '// told',
      'notes/a.md': 'told',
    });
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  test('takes retired words in the second half of the glossary only', async () => {
    const text = ['# Glossary', '| run | one told |', '## Retired words', '| told | report |'];
    const { stdout } = await check({ 'docs/glossary.md': text.join('\n') });
    expect(stdout).toContain('docs/glossary.md:2: not "told"');
    expect(stdout).not.toContain('docs/glossary.md:4');
  });

  test('refuses paths in documents that lead nowhere', async () => {
    const { code, stdout } = await check({
      'packages/core/src/plan/a.ts': '',
      'docs/a.md': 'See `core/src/plan/a.ts`, `plan/a.ts`, `jobs/NAME/job.ts` and `a.ts`.',
      'README.md': 'See `core/src/a.ts`.',
    });
    expect(code).toBe(1);
    expect(stdout).toContain('README.md:1: there is no file core/src/a.ts');
    expect(stdout).not.toContain('docs/a.md');
  });
});
