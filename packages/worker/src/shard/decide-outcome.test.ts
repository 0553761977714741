import { type ErrorCode, ERRORS } from '@shardmill/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decision, decideOutcome, type EndedAttempt } from './decide-outcome.js';

const usual: EndedAttempt = {
  code: 'ENGINE_CRASHED',
  failedBefore: 0,
  attempts: 3,
  storeFailures: 0,
  diskFullForMs: 0,
  diskFullWaitMs: 600_000,
  random: 0.5,
};

const again = (delayMs: number, spent: boolean): Decision => ({ kind: 'again', delayMs, spent });

describe('what becomes of a shard', () => {
  const table: readonly [Partial<EndedAttempt>, Decision][] = [
    [{ code: 'INTERRUPTED' }, { kind: 'hand-back' }],
    [{ code: 'INTERRUPTED', failedBefore: 2 }, { kind: 'hand-back' }],
    [{ code: 'STORE_UNREACHABLE', storeFailures: 1 }, again(1000, false)],
    [{ code: 'STORE_UNREACHABLE', storeFailures: 3 }, again(4000, false)],
    [{ code: 'STORE_UNREACHABLE', storeFailures: 99 }, again(30_000, false)],
    [{ code: 'STORE_UNREACHABLE', storeFailures: 1, failedBefore: 2 }, again(1000, false)],
    [{ code: 'ENGINE_CRASHED' }, again(500, true)],
    [{ code: 'ENGINE_CRASHED', failedBefore: 1 }, again(1000, true)],
    [{ code: 'ENGINE_CRASHED', failedBefore: 2 }, { kind: 'fail' }],
    [{ code: 'ENGINE_CRASHED', failedBefore: 7 }, { kind: 'fail' }],
    [{ code: 'ENGINE_CRASHED', attempts: 1 }, { kind: 'fail' }],
    [{ code: 'PART_TIMEOUT', failedBefore: 20, attempts: 100 }, again(30_000, true)],
    [{ code: 'ENGINE_CRASHED', random: 0 }, again(0, true)],
    [{ code: 'STORE_DENIED' }, again(500, true)],
    [{ code: 'STORE_DENIED', failedBefore: 2 }, { kind: 'fail' }],
    [{ code: 'DISK_FULL' }, again(1500, false)],
    [{ code: 'DISK_FULL', failedBefore: 2, diskFullForMs: 20_000 }, again(15_000, false)],
    [{ code: 'DISK_FULL', diskFullForMs: 300_000 }, again(45_000, false)],
    [{ code: 'DISK_FULL', diskFullForMs: 599_000 }, again(1000, false)],
    [{ code: 'DISK_FULL', diskFullForMs: 600_000 }, again(500, true)],
    [{ code: 'DISK_FULL', diskFullForMs: 600_000, failedBefore: 2 }, { kind: 'fail' }],
    [{ code: 'DISK_FULL', diskFullWaitMs: 0 }, again(500, true)],
    [{ code: 'INPUT_CHANGED' }, { kind: 'fail' }],
    [{ code: 'PLAN_MISMATCH', attempts: 100 }, { kind: 'fail' }],
  ];
  test.each(table)('%o: %o', (change, decision) => {
    expect(decideOutcome({ ...usual, ...change })).toEqual(decision);
  });
});

const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);
const attempts = fc.record({
  code: fc.constantFrom(...codes),
  failedBefore: fc.nat(200),
  attempts: fc.integer({ min: 1, max: 100 }),
  storeFailures: fc.integer({ min: 1, max: 1000 }),
  diskFullForMs: fc.nat(2_000_000),
  diskFullWaitMs: fc.nat(1_000_000),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

describe('whatever happens', () => {
  test('a shard ends after its attempts: only what is not its fault comes back unspent', () => {
    fc.assert(
      fc.property(attempts, (attempt) => {
        const decision = decideOutcome(attempt);
        const waits =
          attempt.code === 'DISK_FULL' && attempt.diskFullForMs < attempt.diskFullWaitMs;
        const free = waits || ERRORS[attempt.code].retry === 'free';
        const never = ERRORS[attempt.code].retry === 'never' && attempt.code !== 'STORE_DENIED';
        const lastAttempt = attempt.failedBefore + 1 >= attempt.attempts;
        expect(decision.kind === 'fail').toBe(!free && (never || lastAttempt));
        if (decision.kind === 'again') expect(decision.spent).toBe(!free);
      }),
    );
  });

  test('no delay is longer than a minute', () => {
    fc.assert(
      fc.property(attempts, (attempt) => {
        const decision = decideOutcome(attempt);
        if (decision.kind !== 'again') return;
        expect(decision.delayMs).toBeGreaterThanOrEqual(0);
        expect(decision.delayMs).toBeLessThanOrEqual(60_000);
        expect(Number.isInteger(decision.delayMs)).toBe(true);
      }),
    );
  });
});
