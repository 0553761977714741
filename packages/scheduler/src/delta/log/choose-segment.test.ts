import { describe, expect, it } from 'vitest';
import { chooseSegment } from './choose-segment.js';
import { readLogNames } from './log-files.js';

const pad = (version: number): string => String(version).padStart(20, '0');
const log = (...names: string[]) =>
  readLogNames(names.map((name) => ({ key: `_delta_log/${name}`, bytes: 1, etag: 'e' })));
const commits = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${pad(from + index)}.json`);
const choose = (names: readonly string[], version?: number) => {
  const {
    checkpoint,
    commits: after,
    version: found,
  } = chooseSegment(log(...names), version, 'log');
  const keys = after.map(({ key }) => Number(/(\d{20})/.exec(key)?.[1]));
  return { version: found, checkpoint: checkpoint?.version, commits: keys };
};
const part = (version: number, number: number, parts: number): string =>
  `${pad(version)}.checkpoint.${String(number).padStart(10, '0')}.${String(parts).padStart(10, '0')}.parquet`;
const UUID = '80a083e8-7026-4e79-81be-64bd76c43a11';

describe('the files that give a version', () => {
  it('are all commits where there is no checkpoint', () => {
    expect(choose(commits(0, 3))).toEqual({
      version: 3,
      checkpoint: undefined,
      commits: [0, 1, 2, 3],
    });
    expect(choose(commits(0, 3), 1).commits).toEqual([0, 1]);
  });

  it('are the latest checkpoint at or before it, and the commits that follow', () => {
    const names = [
      ...commits(0, 5),
      `${pad(2)}.checkpoint.parquet`,
      `${pad(4)}.checkpoint.parquet`,
    ];
    expect(choose(names)).toEqual({ version: 5, checkpoint: 4, commits: [5] });
    expect(choose(names, 4)).toEqual({ version: 4, checkpoint: 4, commits: [] });
    expect(choose(names, 3)).toEqual({ version: 3, checkpoint: 2, commits: [3] });
    expect(choose(names, 1)).toEqual({ version: 1, checkpoint: undefined, commits: [0, 1] });
  });

  it('need no commit before a checkpoint', () => {
    expect(choose([...commits(7, 9), `${pad(7)}.checkpoint.parquet`])).toEqual({
      version: 9,
      checkpoint: 7,
      commits: [8, 9],
    });
  });

  it('are a checkpoint of several parts only where none of them is missing', () => {
    const names = [...commits(0, 3), part(2, 1, 2)];
    expect(choose(names).checkpoint).toBeUndefined();
    const files = log(...names, part(2, 2, 2));
    const { checkpoint } = chooseSegment(files, undefined, 'log');
    expect(checkpoint?.files.map(({ key }) => key.split('/')[1])).toEqual([
      part(2, 1, 2),
      part(2, 2, 2),
    ]);
  });

  it('are none of the other files of a log', () => {
    const others = [
      '_last_checkpoint',
      `${pad(9)}.crc`,
      `${pad(0)}.${pad(9)}.compacted.json`,
      '9.json',
    ];
    expect(choose([...commits(0, 1), ...others]).version).toBe(1);
  });

  it('are the commits where a V2 checkpoint is not needed', () => {
    expect(choose([...commits(0, 3), `${pad(2)}.checkpoint.${UUID}.parquet`]).commits).toEqual([
      0, 1, 2, 3,
    ]);
  });
});

describe('it is refused', () => {
  const refusal = (names: readonly string[], version?: number): unknown => {
    try {
      return choose(names, version);
    } catch (error) {
      return error;
    }
  };

  it('to read a version that there is not', () => {
    expect(refusal(commits(0, 3), 4)).toMatchObject({
      code: 'TABLE_VERSION_NOT_FOUND',
      message: 'there is no version 4: the latest one is 3',
    });
  });

  it('to read a version whose commits were cleaned up', () => {
    expect(refusal([...commits(5, 9), `${pad(6)}.checkpoint.parquet`], 5)).toMatchObject({
      code: 'TABLE_VERSION_NOT_FOUND',
      message:
        'version 5 cannot be read any more: the log begins at version 5, and the first one that can be is 6',
    });
  });

  it('to read across a gap', () => {
    expect(refusal([...commits(0, 2), ...commits(4, 5)])).toMatchObject({
      code: 'TABLE_LOG_DAMAGED',
      message: 'the log lacks version 3, without which version 5 is not known',
    });
    expect(
      refusal([...commits(0, 1), ...commits(4, 5), `${pad(2)}.checkpoint.parquet`]),
    ).toMatchObject({
      code: 'TABLE_LOG_DAMAGED',
      message: expect.stringContaining('lacks version 3'),
    });
    expect(refusal(commits(1, 2))).toMatchObject({ code: 'TABLE_LOG_DAMAGED' });
  });

  it('to read a version that needs a V2 checkpoint', () => {
    expect(refusal([...commits(5, 6), `${pad(5)}.checkpoint.${UUID}.json`])).toMatchObject({
      code: 'TABLE_UNSUPPORTED',
      message: expect.stringContaining('v2Checkpoint'),
    });
  });
});
