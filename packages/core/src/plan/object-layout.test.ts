import { describe, expect, it } from 'vitest';
import {
  partFileKey,
  partIndexKey,
  partKey,
  planKey,
  planPageKey,
  rejectedKey,
  runOfPart,
  runOfPlan,
  runParts,
  shardRecordKey,
  shardRecordsPrefix,
} from './object-layout.js';
import { newRunId } from './run-id.js';

const RUN = newRunId(new Date('2026-11-22T05:00:00.123Z'), Buffer.from('3f9a1c20', 'hex'));

describe('the layout of a run', () => {
  it('has ids that sort by time', () => {
    expect(RUN).toBe('20261122T050000Z-3f9a1c20');
    expect(newRunId(new Date('2026-11-22T05:00:01Z')) > RUN).toBe(true);
  });

  it('has keys that sort by shard and part', () => {
    const keys = [
      [0, 0],
      [0, 9],
      [0, 10],
      [2, 0],
      [10, 0],
    ].map(([shard = 0, part = 0]) => partKey(RUN, shard, part));
    expect(keys).toEqual(keys.toSorted());
    expect(keys[0]).toBe(`part-${RUN}-000000-000000.parquet`);
  });

  it('derives from a key which run it belongs to', () => {
    expect(runOfPart(partKey(RUN, 3, 1_234_567))).toBe(RUN);
    expect(partKey(RUN, 0, 0).startsWith(runParts(RUN))).toBe(true);
    expect(runOfPlan(planKey(RUN))).toBe(RUN);
    for (const key of ['part-0.parquet', '_SUCCESS', 'data.parquet', `${runParts(RUN)}a.parquet`]) {
      expect(runOfPart(key)).toBeUndefined();
    }
    expect(runOfPart(partFileKey('country=a%2Fb é/day=2026-11-22/', RUN, 0, 0))).toBe(RUN);
    for (const folders of ['a/', 'a=1/b/', '_a=1/', '=/', '_shardmill/a=1/']) {
      expect(runOfPart(partFileKey(folders, RUN, 0, 0))).toBeUndefined();
    }
    expect(runOfPlan(planPageKey(RUN, 0))).toBeUndefined();
  });

  it('refuses what would lead out of the run', () => {
    for (const run of ['../../x', 'a/b', '..', '', '.hidden', 'a\0', 'a'.repeat(201)]) {
      for (const key of [planKey, runParts]) {
        expect(() => key(run)).toThrow(expect.objectContaining({ code: 'PLAN_MISMATCH' }));
      }
      expect(runOfPart(`part-${run}-000000-000000.parquet`)).toBeUndefined();
      expect(runOfPlan(`_shardmill/${run}/plan.json`)).toBeUndefined();
    }
  });

  it('keeps everything but results where readers of folders do not look', () => {
    for (const key of [
      planKey(RUN),
      shardRecordKey(RUN, 1),
      rejectedKey(RUN, 1, 2),
      partIndexKey(RUN, 1, 2),
    ]) {
      expect(key).toMatch(new RegExp(`^_shardmill/${RUN}/`));
    }
    expect(shardRecordKey(RUN, 1).startsWith(shardRecordsPrefix(RUN))).toBe(true);
  });
});
