import type { JobDefinition } from '@shardmill/core';
import { plan, readManifest, run, type RunOptions, ShardmillError, validate } from 'shardmill';
import { describe, expect, test } from 'vitest';
import { Gate } from '../support/gate.js';
import { finishedMarks, partFacts, runIds } from '../support/output-folder.js';
import { useNewChildren } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const newChildren = useNewChildren();

/** Options with which nothing outside of the workplace is used. */
const here = (options: RunOptions = {}): RunOptions => ({
  base: place.path(),
  config: { cache: { folder: place.path('cache') } },
  engines: 1,
  lanes: 1,
  ...options,
});

async function refusal(call: Promise<unknown>): Promise<ShardmillError> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ShardmillError)) throw new Error(`not refused: ${String(thrown)}`);
  return thrown;
}

describe('a job', () => {
  test('is a name, a path, a folder or an object, and gives the same plan', async () => {
    await place.prepare({ rows: 100 });
    await place.write('jobs/named/job.json', JSON.stringify(absolute()));
    const digests = [];
    for (const job of ['named', 'jobs/named', 'jobs/named/job.json', absolute()]) {
      digests.push((await plan(job, here())).digest);
    }
    expect(new Set(digests).size).toBe(1);
  });

  test('that is an object has its locations in the base folder, and needs no file', async () => {
    await place.prepare({ rows: 100 });
    const { job, file, outputLocation } = await validate(usualJob, here());
    expect({ job, file, outputLocation }).toEqual({
      job: 'test',
      file: place.path('(definition object)'),
      outputLocation: { state: 'free' },
    });
    const { manifest } = await run(usualJob, here());
    expect(manifest.rows.scored).toBe(100);
    expect(await place.results('count(*) AS n')).toEqual([{ n: 100 }]);
  });

  test('that is an object and has a function for the engine is refused', async () => {
    await place.prepare({ rows: 10 });
    const job: JobDefinition = {
      ...usualJob,
      transform: { columns: ['a'], apply: (batch: never) => batch },
    };
    const { code, message, remedy } = await refusal(run(job, here()));
    expect([code, message]).toEqual([
      'JOB_INVALID',
      'transform.apply is a function of this program',
    ]);
    expect(remedy).toContain('transform.module');
  });

  test('takes parameters as values, and other places than its own', async () => {
    await place.prepare({
      rows: 100,
      job: {
        params: { from: { type: 'int' } },
        input: { uri: 'nothing', where: 'id >= {{ from }}' },
      },
    });
    const options = here({ params: { from: 40 }, input: 'data', output: 'other' });
    const { output, manifest } = await run('job.json', options);
    expect(output).toBe(place.path('other'));
    expect(manifest.rows).toEqual({ read: 100, scored: 60, rejected: 0, filtered: 40 });
  });
});

describe('run', () => {
  test('aborted in the middle stops cleanly and leaves a run that goes on later', async () => {
    await place.prepare({ rows: 800 });
    const out = place.path('out');
    const gate = await Gate.before(400, place);
    const stop = new AbortController();
    const running = refusal(run('job.json', here({ signal: stop.signal })));
    await waitFor('four parts', async () => (await partFacts(out)).size === 4);
    const children = await newChildren();
    stop.abort();
    const error = await running;
    expect(error.code).toBe('INTERRUPTED');
    expect(error.message).toContain('with 4 of 8 parts done');
    expect(error.remedy).toBe(
      'Call run() with the same job again: it goes on at the first missing part.',
    );
    expect(children).toHaveLength(1);
    expect(await newChildren()).toEqual([]);
    expect(await finishedMarks(out)).toEqual([]);
    const before = await partFacts(out);

    await gate.open();
    let rowsResumed = 0;
    const again = await run(
      'job.json',
      here({ onProgress: (progress) => (rowsResumed = progress.rowsResumed) }),
    );
    expect([again.resumed, rowsResumed, again.manifest.rows.scored]).toEqual([true, 400, 800]);
    for (const [name, fact] of before) expect((await partFacts(out)).get(name)).toEqual(fact);
    expect(await runIds(out)).toEqual([again.runId]);
    const [rows] = await place.results('count(*) AS n, count(DISTINCT id) AS ids');
    expect(rows).toEqual({ n: 800, ids: 800 });
  });

  test('aborted before it begins does nothing', async () => {
    await place.prepare({ rows: 10 });
    const error = await refusal(run('job.json', here({ signal: AbortSignal.abort() })));
    expect(error.code).toBe('INTERRUPTED');
    expect(await runIds(place.path('out'))).toEqual([]);
  });

  test('of a job that is refused leaves no engine behind', async () => {
    expect((await refusal(run('nothing', here()))).code).toBe('JOB_NOT_FOUND');
    expect(await newChildren()).toEqual([]);
  });

  test('calls with its plan, its progress and its notices', async () => {
    await place.prepare({ rows: 5000, job: { plan: { partRows: 2048 } } });
    const calls: string[] = [];
    const options = here({
      onPlan: (made, resumed) => calls.push(`plan of ${made.totals.parts} parts, ${resumed}`),
      onProgress: ({ rowsDone, rowsPlanned }) => calls.push(`${rowsDone} of ${rowsPlanned}`),
    });
    await run('job.json', options);
    expect(calls[0]).toBe('plan of 2 parts, false');
    expect(calls.at(-1)).toBe('5000 of 5000');
  });
});

describe('readManifest', () => {
  test('reads that of an output folder and that of a file', async () => {
    await place.prepare({ rows: 100 });
    const { manifest, manifestPath, runId } = await run('job.json', here());
    expect(await readManifest('out', here())).toEqual(manifest);
    expect(await readManifest('out', { ...here(), run: runId })).toEqual(manifest);
    expect(await readManifest(manifestPath)).toEqual(manifest);
  });

  test('refuses a folder without runs, and a run that has not finished', async () => {
    await place.prepare({ rows: 100 });
    expect((await refusal(readManifest('data', here()))).code).toBe('RUN_NOT_FOUND');
    const stop = new AbortController();
    const options = here({ signal: stop.signal, onPlan: () => stop.abort() });
    await refusal(run('job.json', options));
    expect((await refusal(readManifest('out', here()))).code).toBe('RUN_STATE');
  });
});

test('settings given to a call go before the environment, and are checked', async () => {
  const config = { cache: { folder: 7 } };
  // @ts-expect-error A folder is a text.
  const { code, message } = await refusal(plan('job.json', { ...here(), config }));
  expect([code, message]).toEqual([
    'CONFIG_INVALID',
    expect.stringContaining('cache.folder (the config given to the API)'),
  ]);
});

/** The usual job with locations that mean the same from every folder. */
function absolute(): JobDefinition {
  return {
    ...usualJob,
    input: { uri: place.path('data') },
    model: { uri: place.path('model.onnx') },
    output: { ...usualJob.output, uri: place.path('out') },
  };
}
