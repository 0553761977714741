import { describe, expect, it } from 'vitest';
import { ERRORS, EXIT_CODES, type ErrorCode } from './registry.js';
import { ShardmillError, toShardmillError } from './shardmill-error.js';

const codes = Object.keys(ERRORS) as ErrorCode[];

describe('the registry of errors', () => {
  it.each(codes)('%s has a name, a meaning and a remedy that are sentences', (code) => {
    const { meaning, remedy, exit, retry } = ERRORS[code];
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    for (const sentence of [meaning, remedy]) expect(sentence).toMatch(/^[A-Z].{9,}[.]$/s);
    expect(EXIT_CODES).toHaveProperty(exit);
    // A mistake in a definition is there in every attempt: a second one does not fix it.
    if (exit === 'usage' || exit === 'overBudget') expect(retry).toBe('never');
  });

  it('spends no attempt on an interruption or a store that is away, and on nothing else', () => {
    const free = codes.filter((code) => ERRORS[code].retry === 'free');
    expect(free).toEqual(['STORE_UNREACHABLE', 'INTERRUPTED']);
  });

  it('has the exit codes that are promised', () => {
    expect(EXIT_CODES).toEqual({
      done: 0,
      failed: 1,
      usage: 2,
      overBudget: 3,
      skipped: 4,
      checksFailed: 5,
      interrupted: 130,
    });
  });
});

describe('an error', () => {
  it('crosses a process as a record', () => {
    const error = new ShardmillError('DISK_FULL', 'no space', { where: '/out', cause: 1 });
    const back = ShardmillError.fromRecord(structuredClone(error.toRecord()));
    expect(back.toRecord()).toEqual(error.toRecord());
    expect(back).toMatchObject({ exitCode: 1, remedy: ERRORS.DISK_FULL.remedy });
  });

  it('keeps its code through toShardmillError, and gets one where it has none', () => {
    const known = new ShardmillError('NULL_FEATURE', 'x');
    expect(toShardmillError(known, 'DISK_FULL')).toBe(known);
    const cause = new TypeError('odd');
    expect(toShardmillError(cause)).toMatchObject({ code: 'INTERNAL', message: 'odd', cause });
    expect(toShardmillError('text', 'TRANSFORM_FAILED').message).toBe('text');
  });
});
