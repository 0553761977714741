import { ShardmillError } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { CrashAttribution } from './crash-attribution.js';

const crashed = (): ShardmillError => new ShardmillError('ENGINE_CRASHED', 'it ended with SIGSEGV');

describe('an engine that dies', () => {
  it('with one shard in it is held against that shard', () => {
    const attribution = new CrashAttribution();
    const engine = {};
    attribution.engineDied(engine, [4], 1);
    const error = crashed();
    expect(attribution.errorOf(4, error, engine)).toBe(error);
    expect(attribution.blames(error)).toBe(true);
    expect(attribution.hasSuspects).toBe(false);
  });

  it('with several shards in it is held against none, until each was tried alone', () => {
    const attribution = new CrashAttribution();
    const engine = {};
    attribution.engineDied(engine, [4, 5], 2);
    for (const shard of [4, 5]) {
      const error = crashed();
      expect(attribution.errorOf(shard, error, engine)).toBe(error);
      expect(attribution.blames(error)).toBe(false);
      attribution.ended(shard, error);
      expect(attribution.hasSuspects).toBe(true);
    }
    // Shard 4 is scored alone; shard 5 ends the next engine alone.
    attribution.ended(4, undefined);
    expect(attribution.hasSuspects).toBe(true);
    const next = {};
    attribution.engineStarted();
    attribution.engineDied(next, [5], 1);
    const error = crashed();
    attribution.errorOf(5, error, next);
    expect(attribution.blames(error)).toBe(true);
    attribution.ended(5, error);
    expect(attribution.hasSuspects).toBe(false);
  });

  it('with a shard beside an abandoned one makes only the shard a suspect', () => {
    const attribution = new CrashAttribution();
    attribution.engineDied({}, [4], 2);
    expect(attribution.hasSuspects).toBe(true);
    attribution.ended(4, undefined);
    expect(attribution.hasSuspects).toBe(false);
  });
});

describe('an engine that is stopped because of a shard', () => {
  it('is held against that shard, and its neighbors are told which it was', () => {
    const attribution = new CrashAttribution();
    const engine = {};
    const timeout = new ShardmillError('PART_TIMEOUT', 'a part did not go on for 60 s');
    attribution.stoppedFor(7, timeout);
    attribution.engineDied(engine, [7, 8], 2);
    expect(attribution.errorOf(7, timeout, engine)).toBe(timeout);
    expect(attribution.blames(timeout)).toBe(true);
    const other = attribution.errorOf(8, timeout, engine);
    expect(other).toMatchObject({ code: 'ENGINE_CRASHED', message: /because of shard 7/ });
    expect(other instanceof ShardmillError && attribution.blames(other)).toBe(false);
    expect(attribution.hasSuspects).toBe(false);
  });

  it('leaves nothing behind for the next engine', () => {
    const attribution = new CrashAttribution();
    attribution.stoppedFor(7, new ShardmillError('PART_TIMEOUT', 'too long'));
    attribution.engineStarted();
    attribution.engineDied({}, [8, 9], 2);
    expect(attribution.hasSuspects).toBe(true);
  });
});
