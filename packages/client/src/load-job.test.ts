import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ShardmillError } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findJob, listJobs } from './find-job.js';
import { loadJob } from './load-job.js';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'shardmill-load-job-')));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const YAML = `
name: churn
input: { uri: in.parquet }
model: { uri: model.onnx }
output: { uri: out, columns: { score: "p[2]" } }
`;
const JSON_JOB = JSON.stringify({
  name: 'churn',
  input: { uri: 'in.parquet' },
  model: { uri: 'model.onnx' },
  output: { uri: 'out', columns: { score: 'p[2]' } },
});
const TYPESCRIPT = `
import { defineJob } from 'shardmill';
interface Names { readonly name: string }
const names: Names = { name: 'churn' };
export default defineJob({
  name: names.name,
  input: { uri: 'in.parquet' },
  model: { uri: 'model.onnx' },
  output: { uri: 'out', columns: { score: 'p[2]' } },
});
`;

async function put(file: string, text: string): Promise<string> {
  const target = path.join(root, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
  return target;
}

async function errorOf(promise: Promise<unknown>): Promise<ShardmillError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ShardmillError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('where a job is found', () => {
  it('by its name, from a folder below the jobs folder’s', async () => {
    const file = await put('jobs/churn/job.yaml', YAML);
    await mkdir(path.join(root, 'deep/down'), { recursive: true });
    expect(findJob('churn', path.join(root, 'deep/down'))).toBe(file);
  });

  it('by its name, as a file in the jobs folder', async () => {
    const file = await put('jobs/churn.json', JSON_JOB);
    expect(findJob('churn', root)).toBe(file);
  });

  it('by the path of its file or folder', async () => {
    const file = await put('elsewhere/job.yml', YAML);
    expect(findJob('elsewhere/job.yml', root)).toBe(file);
    expect(findJob('./elsewhere', root)).toBe(file);
    expect(findJob('.', path.dirname(file))).toBe(file);
  });

  it('a name wins over a folder that reads the same, ./ over both', async () => {
    const named = await put('jobs/churn/job.yaml', YAML);
    const here = await put('churn/job.yaml', YAML);
    expect(findJob('churn', root)).toBe(named);
    expect(findJob('./churn', root)).toBe(here);
  });

  it('not above the root of the workspace', async () => {
    await put('jobs/churn/job.yaml', YAML);
    await put('inner/pnpm-workspace.yaml', '');
    expect(() => findJob('churn', path.join(root, 'inner'))).toThrow(/no job and no file "churn"/);
  });

  it('lists jobs of both forms and nothing else', async () => {
    await put('jobs/b/job.ts', '');
    await put('jobs/a.yaml', YAML);
    await put('jobs/package.json', '{}');
    await put('jobs/notes/readme.md', '');
    expect(listJobs(root)).toEqual(['a', 'b']);
  });

  it('proposes the nearest name and says where it looked', async () => {
    await put('jobs/churn/job.yaml', YAML);
    const error = await errorOf(loadJob('chrun', root));
    expect(error.code).toBe('JOB_NOT_FOUND');
    expect(error.message).toContain('Did you mean "churn"?');
    expect(error.where).toContain(path.join(root, 'jobs'));
  });

  it('refuses a folder with two definitions', async () => {
    await put('jobs/churn/job.yaml', YAML);
    await put('jobs/churn/job.ts', TYPESCRIPT);
    const error = await errorOf(loadJob('churn', root));
    expect(error.code).toBe('JOB_INVALID');
    expect(error.message).toContain('job.ts and job.yaml');
  });

  it('a folder without a definition is JOB_NOT_FOUND with the names looked for', async () => {
    await mkdir(path.join(root, 'empty'));
    const error = await errorOf(loadJob('./empty', root));
    expect(error.code).toBe('JOB_NOT_FOUND');
    expect(error.remedy).toContain('job.ts');
  });
});

describe('how a job is read', () => {
  it('TypeScript that imports shardmill, in a folder without node_modules', async () => {
    const file = await put('churn/job.ts', TYPESCRIPT);
    const loaded = await loadJob('./churn', root);
    expect(loaded.file).toBe(file);
    expect(loaded.job.name).toBe('churn');
    expect(loaded.job.output.mode).toBe('create');
  });

  it('YAML, JSON and JavaScript give the same job', async () => {
    await put('a.yaml', YAML);
    await put('b.json', `\uFEFF${JSON_JOB}`);
    await put('c.mjs', `export default ${JSON_JOB};`);
    const jobs = await Promise.all(
      ['a.yaml', 'b.json', 'c.mjs'].map(async (file) => (await loadJob(file, root)).job),
    );
    expect(jobs[1]).toEqual(jobs[0]);
    expect(jobs[2]).toEqual(jobs[0]);
  });

  it.each([
    [
      'a syntax error in TypeScript',
      'job.ts',
      "export default {\n  name: 'x'\n  input: 1,\n};",
      ':3:3',
    ],
    [
      'an error thrown by TypeScript',
      'job.ts',
      "const x: string = 'a';\n\nthrow new Error('no DB');",
      ':3',
    ],
    ['a syntax error in YAML', 'job.yaml', 'name: churn\ninput: {uri: a\nmodel: 1\n', ':3:1'],
    ['a duplicate key in YAML', 'job.yaml', 'name: churn\nname: churn\n', ':2:1'],
    ['a missing value in JSON', 'job.json', '{"name": "x",\n "input": }', ':2:11'],
    ['a trailing comma in JSON', 'job.json', '{\n  "name": "x",\n}', ':3:1'],
    ['JSON that ends too soon', 'job.json', '{"name": "x"', ':1:13'],
    ['a bad escape in JSON', 'job.json', '{"name":\n"\\x"}', ':2:1'],
  ])('%s is JOB_UNREADABLE with its place', async (_name, file, text, place) => {
    const target = await put(file, text);
    const error = await errorOf(loadJob(target, root));
    expect(error.code).toBe('JOB_UNREADABLE');
    expect(error.where).toBe(target + place);
  });

  it('names a module that cannot be imported', async () => {
    const target = await put('job.ts', "\nimport { x } from './nothing.js';\nexport default x;");
    const error = await errorOf(loadJob(target, root));
    expect(error.code).toBe('JOB_UNREADABLE');
    expect(error.message).toContain('./nothing.js');
  });

  it('refuses YAML whose aliases multiply', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 6; i++) {
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
    }
    const error = await errorOf(loadJob(await put('job.yaml', lines.join('\n')), root));
    expect(error.code).toBe('JOB_UNREADABLE');
    expect(error.message).toContain('alias');
  });

  it.each([
    ['no default export', 'export const job = {};'],
    ['a function', 'export default () => ({});'],
  ])('refuses %s', async (_name, text) => {
    const error = await errorOf(loadJob(await put('job.ts', text), root));
    expect(error.code).toBe('JOB_INVALID');
    expect(error.remedy).toContain('export default defineJob');
  });

  it('proposes the nearest key for an unknown one', async () => {
    const error = await errorOf(loadJob(await put('job.yaml', `${YAML}featuers: {}`), root));
    expect(error.code).toBe('JOB_INVALID');
    expect(error.message).toContain('Did you mean "features"?');
  });

  it('refuses another kind of file', async () => {
    const error = await errorOf(loadJob(await put('model.onnx', ''), root));
    expect(error.code).toBe('JOB_UNREADABLE');
    expect(error.remedy).toContain('.yaml');
  });
});
