import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { expectRefusal, expectRefused } from '../support/expect-refusal.js';
import { useWorkplace } from '../support/workplace.js';

/** A mount of its own for a command: an ordinary user may have one on most systems. */
const NAMESPACE = ['unshare', '--user', '--map-root-user', '--mount'];
const MOUNT = ['mount', '-t', 'tmpfs', 'tmpfs', tmpdir()];
const mayMount = await promisify(execFile)('unshare', [...NAMESPACE.slice(1), ...MOUNT]).then(
  () => true,
  () => false,
);

const place = useWorkplace();
const RUN = ['run', 'job.json', '--json'] as const;

describe('an output location is refused', () => {
  test('that lies below a regular file', async () => {
    await place.prepare({ job: { output: { uri: 'file/out', columns: { id: 'id' } } } });
    await place.write('file', 'in the way');
    await expectRefusal(place, {
      code: 'OUTPUT_NOT_WRITABLE',
      where: place.path('file'),
      remedy: /path/,
    });
  });

  test('that is a regular file', async () => {
    await place.prepare();
    await place.write('out', 'in the way');
    await expectRefusal(place, { code: 'OUTPUT_NOT_WRITABLE', where: place.path('out') });
  });

  test('that is a link to nowhere', async () => {
    await place.prepare();
    await symlink(place.path('nowhere/at/all'), place.path('out'));
    const ended = await place.shardmill(...RUN);
    expect(refusalOf(ended)).toMatchObject({ code: 'OUTPUT_NOT_WRITABLE', exitCode: 2 });
  });

  test.each([
    ['fifo', 'OUTPUT_NOT_WRITABLE'],
    ['fifo/below', 'OUTPUT_NOT_WRITABLE'],
    ['/dev/null', 'OUTPUT_NOT_WRITABLE'],
    ['/dev/null/below', 'OUTPUT_NOT_WRITABLE'],
    ['/proc/below', 'OUTPUT_NOT_WRITABLE'],
    ['/proc/self/below', 'OUTPUT_NOT_WRITABLE'],
  ])('where no folder can be made: %s', async (output, code) => {
    await place.prepare();
    await promisify(execFile)('mkfifo', [place.path('fifo')]);
    const ended = await place.shardmill(...RUN, '--output', output);
    expect(refusalOf(ended)).toMatchObject({ code, exitCode: 2 });
    expect(refusalOf(ended).where).toContain(output);
  });

  test('of a kind that no store serves', async () => {
    await place.prepare({ job: { output: { uri: 'ftp://host/out', columns: { id: 'id' } } } });
    await expectRefusal(place, {
      code: 'URI_UNSUPPORTED',
      message: /ftp/,
      where: 'ftp://host/out',
    });
  });
});

describe('where no space is left', () => {
  /** Parts of more than 64 KiB, which do not compress. */
  async function prepareLarge(diskFullWait = '2s'): Promise<void> {
    await place.prepare({
      rows: 4000,
      job: {
        output: { uri: 'out', columns: { id: 'id', text: 'sha256(id::VARCHAR)', score: 'score' } },
        errors: { attempts: 2, diskFullWait },
      },
    });
  }

  test('for larger files (ulimit -f), the run fails, and goes on once there is', async () => {
    await prepareLarge();
    // The limit is in units of 1,024 bytes; what is over the limit fails as a full disk does.
    const run = place.startIn('ulimit -f 64; exec "$@"', ...RUN);
    const failed = await run.ended;
    expect(failed.stderr).toMatch(/DISK_FULL[^;]*; waiting for space, 2\.0 s at most: free some/);
    await expectRefused(place, failed, {
      code: 'DISK_FULL',
      exit: 1,
      message: /File too large.*2 attempts/s,
      remedy: /[Ff]ree some space/,
    });
    const done = runOf(await place.shardmill(...RUN));
    expect(done).toMatchObject({ resumed: true, rows: { read: 4000, scored: 4000 } });
    expect(await place.results('count(DISTINCT id) AS n')).toEqual([{ n: 4000 }]);
  });

  if (!mayMount) {
    console.warn('a full device is not tested: this system gives a user no mount namespace');
    return;
  }
  test('on the device, the run fails and says so', async () => {
    await prepareLarge();
    await mkdir(place.path('out'));
    const script = [
      'mount -t tmpfs -o size=128k tmpfs out',
      '"$@"',
      'code=$?',
      'find out -name _SUCCESS -o -name manifest.json >&2',
      'exit $code',
    ];
    const run = place.startIn(
      `exec ${NAMESPACE.join(' ')} bash -c '${script.join('; ')}' bash "$@"`,
      ...RUN,
    );
    const ended = await run.ended;
    await expectRefused(place, ended, {
      code: 'DISK_FULL',
      exit: 1,
      message: /no space left on device/i,
      remedy: /[Ff]ree some space/,
    });
    expect(ended.stderr).not.toMatch(/_SUCCESS|manifest\.json/);
  });

  test('on the device, the run waits and goes on by itself once there is', async () => {
    await prepareLarge('5m');
    await mkdir(place.path('out'));
    const script = [
      'mount -t tmpfs -o size=128k tmpfs out',
      '"$@" 2> messages &',
      'pid=$!',
      'until grep -q "waiting for space" messages; do sleep 0.1; kill -0 $pid || exit 9; done',
      'mount -o remount,size=64m out',
      'wait $pid',
    ];
    const run = place.startIn(
      `exec ${NAMESPACE.join(' ')} bash -c '${script.join('\n')}' bash "$@"`,
      ...RUN,
    );
    expect(runOf(await run.ended)).toMatchObject({ rows: { read: 4000, scored: 4000 } });
    const messages = await readFile(place.path('messages'), 'utf8');
    expect(messages.match(/waiting for space, 5 min 00 s at most/g)).toHaveLength(1);
    expect(messages).not.toContain('trying again');
  });
});
