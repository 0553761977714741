import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type RunningCommand, runOf } from '../support/command.js';
import { failureOf, useFleet } from '../support/fleet.js';
import { useLake } from '../support/lake.js';
import { finishedMarks } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce, expectEveryRowOnceIn } from './expect-rows.js';
import { finishedMarksIn, inLake } from './lake-job.js';
import { untilLogged } from './process-log.js';

/** A mount of its own for a command: an ordinary user may have one on most systems. */
const NAMESPACE = ['--user', '--map-root-user', '--mount'];
const MOUNT = ['mount', '-t', 'tmpfs', 'tmpfs', tmpdir()];
const mayMount = await promisify(execFile)('unshare', [...NAMESPACE, ...MOUNT]).then(
  () => true,
  () => false,
);

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);

/** Text that does not compress: a part has more than 64 KiB of it. */
const TEXT = 'sha256(id::VARCHAR)';
const LIMITS = {
  plan: { partRows: 2000, shardParts: 1 },
  errors: { attempts: 2, diskFullWait: '3s' },
};

/** A worker that may not write larger files (in units of 1,024 bytes), or has a small disk. */
async function cramped(script: string): Promise<RunningCommand> {
  const worker = place.startIn(script, 'worker');
  await untilLogged(worker, 'taking shards');
  return worker;
}

async function expectStory(run: string): Promise<void> {
  const full = { error: { code: 'DISK_FULL' } };
  const { failures, state } = await fleet.status(run);
  expect(state).toBe('failed');
  expect(failures.map(({ story }) => story)).toMatchObject(failures.map(() => [full, full]));
  expect(failures.length).toBeGreaterThan(0);
}

test('a worker that cannot write the output reports it; with space, retry finishes the run', async () => {
  await place.prepare({
    rows: 4000,
    job: { output: { uri: 'out', columns: { id: 'id', text: TEXT, score: 'score' } }, ...LIMITS },
  });
  fleet.scheduler();
  const worker = await cramped('ulimit -f 64; exec "$@"');
  const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
  expect(failureOf(ended, 1)).toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('File too large'),
  });
  const { run } = await fleet.status('last');
  await expectStory(run);
  expect(await finishedMarks(place.path('out'))).toEqual([]);

  worker.kill('SIGTERM');
  fleet.worker();
  const retried = runOf(await place.shardmill('retry', run, '--wait', '--json'));
  expect(retried.rows.scored).toBe(4000);
  await expectEveryRowOnce(place, 4000);
});

if (!mayMount) {
  console.warn('a full device is not tested: this system gives a user no mount namespace');
} else {
  test('so does one whose cache is on a full device, while the store has space', async () => {
    await place.prepare({ rows: 4000 });
    const job = await inLake(lake);
    await place.writeJob({
      ...job,
      output: { uri: lake.uri('out'), columns: { id: 'id', text: TEXT, score: 'score' } },
      ...LIMITS,
    });
    await mkdir(place.path('cache'));
    fleet.scheduler();
    const mounted = 'mount -t tmpfs -o size=64k tmpfs cache; exec "$@"';
    const worker = await cramped(
      `exec unshare ${NAMESPACE.join(' ')} bash -c '${mounted}' bash "$@"`,
    );
    const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
    expect(failureOf(ended, 1)).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/no space left on device/i),
    });
    const { run } = await fleet.status('last');
    await expectStory(run);
    expect(await finishedMarksIn(lake)).toEqual([]);

    worker.kill('SIGTERM');
    fleet.worker();
    const retried = runOf(await place.shardmill('retry', run, '--wait', '--json'));
    expect(retried.rows.scored).toBe(4000);
    await expectEveryRowOnceIn(lake, 'out', 4000);
  });
}
