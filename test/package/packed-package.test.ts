import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRepository, readRepository } from '../support/repository.js';
import { type ProgramResult, runProgram } from '../support/run-program.js';

/** A folder outside of the repository with the package in it, installed by npm from its archive. */
let folder = '';
let archive = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-installed-'));
  const pack = inRepository('scripts', 'pack.mjs');
  const packed = path.join(folder, 'packed');
  archive = (await succeed(process.execPath, [pack, '--built', packed])).stdout.trim();
  await write('package.json', JSON.stringify({ name: 'user', private: true, type: 'module' }));
  // Scripts of dependencies fetch what is not needed on a CPU.
  const quick = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  // A registry that does not answer is asked again, sooner than npm would by itself.
  const patience = ['--fetch-timeout=30000', '--fetch-retries=5', '--fetch-retry-mintimeout=1000'];
  await succeed('npm', ['install', ...quick, ...patience, archive]);
  for (const name of ['customers.parquet', 'model.onnx']) {
    await cp(inRepository('jobs', 'churn', name), path.join(folder, name));
  }
  await shardmill('init', 'jobs/churn', '--from', 'customers.parquet', '--model', 'model.onnx');
}, 10 * 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string): Promise<void> =>
  writeFile(path.join(folder, name), text);

/** Runs a program in the folder. */
const here = (program: string, args: readonly string[]): Promise<ProgramResult> =>
  runProgram(program, args, {
    cwd: folder,
    env: { XDG_CACHE_HOME: path.join(folder, '.cache'), NO_COLOR: '1', NODE_PATH: '' },
  });

async function succeed(program: string, args: readonly string[]): Promise<ProgramResult> {
  const result = await here(program, args);
  expect(result.code, `${program} ${args.join(' ')}\n${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

const shardmill = async (...args: string[]): Promise<Record<string, unknown>> => {
  const parsed: unknown = JSON.parse(
    (await succeed('npx', ['shardmill', ...args, '--json'])).stdout,
  );
  return Object(parsed);
};

/** A program of the repository's development dependencies. */
const tool = (name: string): string => inRepository('node_modules', '.bin', name);

describe('the installed package', () => {
  it('plans the job that it wrote, runs it and shows what came out', async () => {
    const plan = await shardmill('plan', 'churn');
    expect(plan).toMatchObject({ totals: { rows: 7043 }, outputLocation: { state: 'free' } });
    const { rows, output } = await shardmill('run', 'churn', '--max-rejected-rows', '11');
    expect(rows).toEqual({ read: 7043, scored: 7032, rejected: 11, filtered: 0 });
    const found = await shardmill('inspect', String(output));
    expect(found).toMatchObject({ kind: 'run', manifest: { rows } });
  });

  it('serves a program of ten lines', async () => {
    await write('score.mjs', PROGRAM);
    const { stdout } = await succeed(process.execPath, ['score.mjs']);
    expect(stdout).toBe('free\n7043 true\nINPUT_NOT_FOUND\n');
  });

  it('has types for a job file, a configuration and a program, that need no other package', async () => {
    await write('score.ts', PROGRAM);
    await write(
      'shardmill.config.ts',
      "import { defineConfig } from 'shardmill';\nexport default defineConfig({ redis: { url: 'redis://r' } });\n",
    );
    await write(
      'wrong.ts',
      "import { run } from 'shardmill';\nawait run('churn', { parms: {} });\n",
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const files = ['score.ts', 'shardmill.config.ts', 'jobs/churn/job.ts'];
    // Without the types of Node, and with a look into the declarations themselves.
    const strict = [...options, '--types', '', '--skipLibCheck', 'false'];
    await succeed(tool('tsc'), [...strict, ...files]);
    const { code, stdout } = await here(tool('tsc'), [...strict, 'wrong.ts']);
    expect(code).not.toBe(0);
    expect(stdout).toContain('parms');
  });

  it('prints its documents, and its version', async () => {
    const { stdout } = await succeed('npx', ['shardmill', 'docs', 'node-api']);
    expect(stdout).toBe(await readRepository('docs', 'node-api.md'));
    const manifest: unknown = JSON.parse(await readRepository('packages', 'cli', 'package.json'));
    const { stdout: version } = await succeed('npx', ['shardmill', '--version']);
    expect(version.trim()).toBe(Reflect.get(Object(manifest), 'version'));
    expect(await readRepository('CHANGELOG.md')).toContain(`## ${version.trim()} `);
  });

  it('holds no sources, tests, source maps or names of packages that are not published', async () => {
    const root = path.join(folder, 'node_modules', 'shardmill');
    expect(existsSync(path.join(root, 'packages', 'client', 'dist', 'index.js'))).toBe(true);
    const names = (await readdir(root, { recursive: true })).toSorted();
    expect(names.filter((name) => /(?<!\.d)\.ts$|\.map$|\.test\.|testing/.test(name))).toEqual([]);
    for (const name of names.filter((file) => /\.(js|ts|json)$/.test(file))) {
      const text = await readFile(path.join(root, name), 'utf8');
      expect(/^(?:import|export) .*['"]@shardmill|"workspace:/m.exec(text), name).toBeNull();
    }
  });
});

describe('the archive', () => {
  it('is a package as publint wants it', async () => {
    const { stdout } = await succeed(tool('publint'), ['--strict', archive]);
    expect(stdout).toContain('All good!');
  });

  it('has types that every resolver of ES modules finds, says @arethetypeswrong/cli', async () => {
    const attw = ['--profile', 'esm-only', '--no-color', '--no-emoji', archive];
    const { stdout } = await succeed(tool('attw'), attw);
    expect(stdout).toMatch(/node16 \(from ESM\).*OK \(ESM\)/);
  });
});

const PROGRAM = `import { plan, readManifest, run, ShardmillError } from 'shardmill';

const job = 'churn';
const options = { output: 'scores', maxRejectedRows: 11 };
console.log((await plan(job, options)).outputLocation.state);
const { manifest, output } = await run(job, options);
console.log(manifest.rows.read, (await readManifest(output)).runId === manifest.runId);
await run(job, { input: 'nowhere' }).catch((error) => {
  console.log(error instanceof ShardmillError && error.code);
});
`;
