import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { useFleet } from '../support/fleet.js';
import { inRepository, readRepository } from '../support/repository.js';
import { type ProgramResult, runProgram } from '../support/run-program.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

// What examples/ holds is run as docs/etl.md says, as far as it needs nothing but Python, make, bash and jq.

const PROGRAM = `${process.execPath} ${inRepository('packages', 'cli', 'bin', 'shardmill.js')}`;
const ROWS = 5000;

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');

beforeAll(async () => {
  const columns = {
    id: 'id',
    churn: 'score',
    band: "case when churn >= 0.5 then 'high' else 'low' end",
  };
  const params = { ds: { type: 'date' as const } };
  await place.prepare({ rows: ROWS, job: { params, output: { uri: 'out/{{ ds }}', columns } } });
  await fleet.start(1);
});

const environment = (): Record<string, string> => ({
  SHARDMILL_COMMAND: PROGRAM,
  SHARDMILL: PROGRAM,
  JOB: 'job.json',
  NO_COLOR: '1',
  XDG_CACHE_HOME: place.path('.cache'),
  PYTHONPATH: inRepository('examples', 'python'),
});

const here = (file: string, ...args: string[]): Promise<ProgramResult> =>
  runProgram(file, args, { cwd: place.path(), env: environment() });

async function succeed(file: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await here(file, ...args);
  expect(code, `${file} ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** Runs Python with a result that it prints as JSON. */
async function python(expression: string): Promise<unknown> {
  const program = `import json, shardmill\nprint(json.dumps(${expression}))`;
  return JSON.parse(await succeed('python3', '-c', program));
}

describe('shardmill.py', () => {
  test('submits, and a second try after a kill gets the manifest of the same run', async () => {
    const submit = "shardmill.submit('job.json', {'ds': '2026-11-20'}, run_key='churn 2026-11-20')";
    const first = spawn('python3', ['-c', `import shardmill\n${submit}`], {
      cwd: place.path(),
      env: { ...process.env, ...environment() },
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise((resolve) => first.once('close', resolve));
    const known = async (): Promise<string> => (await here('bash', '-c', `${PROGRAM} runs`)).stdout;
    await waitFor('the submission', async () => (await known()).includes('test'));
    // The step with all that it started, as an orchestrator ends it.
    process.kill(-(first.pid ?? 0), 'SIGKILL');
    await ended;
    const manifest = await python(submit);
    expect(manifest).toMatchObject({
      rows: { read: ROWS, scored: ROWS },
      output: place.path('out', '2026-11-20'),
    });
    expect(await python(submit)).toEqual(manifest);
    const ids = await place.results(
      'count(DISTINCT id) AS ids, count(*) AS rows',
      'out/2026-11-20',
    );
    expect(ids).toEqual([{ ids: ROWS, rows: ROWS }]);
  });

  test('runs on this machine, and repeats nothing', async () => {
    const run = "shardmill.run('job.json', {'ds': '2026-11-21'})";
    const manifest = await python(run);
    expect(manifest).toMatchObject({ rows: { scored: ROWS }, job: { name: 'test' } });
    expect(await python(run)).toEqual(manifest);
  });

  test('raises an error with its code, what to do, and the exit code', async () => {
    const program = `import shardmill
try:
    shardmill.run('nothing')
except shardmill.ShardmillError as error:
    print(error.code, error.exit_code, len(error.remedy) > 0)`;
    expect(await succeed('python3', '-c', program)).toBe('JOB_NOT_FOUND 2 True\n');
  });
});

test('the Makefile scores what is missing, and nothing else', async () => {
  const makefile = inRepository('examples', 'make', 'Makefile');
  const make = ['-f', makefile, 'report', 'DS=2026-11-22', 'JOB=job.json', `SHARDMILL=${PROGRAM}`];
  await succeed('make', ...make);
  const report: unknown = JSON.parse(
    await readFile(place.path('reports', '2026-11-22.json'), 'utf8'),
  );
  expect(report).toMatchObject({ kind: 'run', manifest: { rows: { scored: ROWS } } });
  expect(await succeed('make', ...make)).toContain('Nothing to be done');
});

describe('the step of a shell', () => {
  /** Runs the script as GitHub Actions does. */
  async function step(env: Record<string, string>): Promise<ProgramResult> {
    const workflow: unknown = parse(await readRepository('examples', 'shell', 'score.yml'));
    const { steps } = Object(workflow).jobs.score;
    const script: string = steps.find(({ name }: { name?: string }) => name === 'Score').run;
    return runProgram('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: place.path(),
      env: { ...environment(), ...env },
    });
  }

  test('says what was scored, also when it is repeated', async () => {
    const said = `${ROWS} of ${ROWS} rows are in ${place.path('out', '2026-11-23')}\n`;
    expect(await step({ DS: '2026-11-23' })).toMatchObject({ code: 0, stdout: said });
    expect(await step({ DS: '2026-11-23' })).toMatchObject({ code: 0, stdout: said });
  });

  test('ends with the exit code of an error, and names it', async () => {
    const { code, stdout } = await step({ JOB: 'nothing' });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^::error::JOB_NOT_FOUND: /);
  });
});

test('the query reads the results in DuckDB', async () => {
  const scores = place.path('out', '2026-11-24');
  await succeed('bash', '-c', `${PROGRAM} run job.json -p ds=2026-11-24 --quiet`);
  const query = await readRepository('examples', 'duckdb', 'churn_bands.sql');
  const rows = await place.sql(`SET VARIABLE scores = '${scores}'; ${query}`);
  expect(rows.map(({ band }) => band)).toEqual(['high', 'low']);
  expect(rows.reduce((sum, { customers }) => sum + Number(customers), 0)).toBe(ROWS);
});
