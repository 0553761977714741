import { spawnSync } from 'node:child_process';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { withFolder } from '@shardmill/test-kit/parquet';
import { expect, it } from 'vitest';
import { makeWorkFolder } from './work-folder.js';

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

it('removes what killed processes left, and nothing that may be in use', () =>
  withFolder(async (base) => {
    const now = new Date();
    const mine = await makeWorkFolder(base, now);
    const folders = {
      killed: `${hostname()}-${deadPid()}-00000000`,
      alive: `${hostname()}-${process.ppid}-00000000`,
      otherHost: 'other-host-1-00000000',
      oldOfOtherHost: 'other-host-2-00000000',
      notOurs: 'something',
    };
    for (const name of Object.values(folders)) {
      await mkdir(path.join(base, name, 'inside'), { recursive: true });
    }
    const old = new Date(now.getTime() - 25 * 60 * 60 * 1000);
    await utimes(path.join(base, folders.oldOfOtherHost), old, old);
    await utimes(path.join(base, folders.alive), old, old);
    // Files that a store had staged.
    const files = {
      killed: `${hostname()}-${deadPid()}-00000001`,
      justNow: `${hostname()}-${deadPid()}-00000002`,
      earlierVersion: '0123456789abcdef',
      alive: `${hostname()}-${process.ppid}-00000003`,
    };
    for (const name of Object.values(files)) await writeFile(path.join(base, name), 'x');
    for (const name of [files.killed, files.earlierVersion, files.alive]) {
      await utimes(path.join(base, name), old, old);
    }

    const second = await makeWorkFolder(base, now);
    const names = new Set(await readdir(base));
    const mineAndOthers = [mine.path, second.path].map((folder) => path.basename(folder));
    mineAndOthers.push(folders.alive, folders.otherHost, folders.notOurs);
    mineAndOthers.push(files.justNow, files.alive);
    expect(names).toEqual(new Set(mineAndOthers));
    await mine.remove();
    await second.remove();
    expect(await readdir(base)).toHaveLength(5);
  }));
