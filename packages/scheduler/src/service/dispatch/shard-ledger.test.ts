import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardLedger } from './shard-ledger.js';
import { ShardSet } from './shard-set.js';

const rows = (scored: number) => ({ read: scored, scored, rejected: 0, filtered: 0 });

function listed(shards: number, ...records: number[]): ShardLedger {
  const ledger = new ShardLedger(shards);
  ledger.beginListing();
  for (const shard of records) ledger.seeListed(shard);
  ledger.endListing();
  return ledger;
}

describe('a ledger of shards', () => {
  it('takes open shards in their order, each once', () => {
    const ledger = listed(6, 1, 2);
    ledger.seeFailed(4);
    expect(ledger.takeOpen(2)).toEqual([0, 3]);
    expect(ledger.takeOpen(9)).toEqual([5]);
    expect(ledger.takeOpen(9)).toEqual([]);
    expect(ledger).toMatchObject({ done: 2, failed: 1, open: 3 });
  });

  it('takes no shard that the first listing has not come to', () => {
    const ledger = new ShardLedger(10);
    ledger.beginListing();
    expect(ledger.takeOpen(9)).toEqual([]);
    ledger.seeListed(2);
    expect(ledger.takeOpen(9)).toEqual([0, 1]);
    ledger.endListing();
    expect(ledger.takeOpen(9)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('counts each shard once, however often it is heard of and seen', () => {
    const ledger = listed(4);
    expect(ledger.hearDone(1, rows(5))).toBe(true);
    expect(ledger.hearDone(1, rows(5))).toBe(false);
    ledger.seeDone(1, rows(5));
    ledger.seeDone(2);
    ledger.seeDone(2, rows(7));
    ledger.seeDone(2, rows(7));
    expect(ledger).toMatchObject({ done: 2, heard: 0, uncounted: 0, rows: rows(12) });
  });

  it('sums worker time, of attempts at a shard until its record has them, and of others by the mean', () => {
    const ledger = listed(10);
    const work = (workerSeconds: number, unfinishedSeconds = 0) => ({
      workerSeconds,
      unfinishedSeconds,
    });
    ledger.hearUnfinished(1, 3);
    ledger.hearUnfinished(1, 5);
    ledger.hearUnfinished(2, 1);
    ledger.hearDone(0, rows(1), work(10));
    expect(ledger.counts.work).toEqual(work(10, 6));
    ledger.seeDone(1, rows(1), work(20, 5));
    ledger.seeDone(1, rows(1), work(20, 5));
    ledger.hearUnfinished(1, 5);
    expect(ledger.counts.work).toEqual(work(30, 6));
    // Two that are not counted yet, and what failed in other rounds.
    ledger.seeDone(3);
    ledger.seeDone(4);
    ledger.otherRoundsSeconds = 100;
    expect(ledger.counts.work).toEqual(work(60, 111));
  });

  it('gives a record the word over a failure, whichever is seen first', () => {
    const ledger = listed(4);
    ledger.seeFailed(1);
    ledger.seeDone(1, rows(1));
    ledger.seeDone(2, rows(1));
    ledger.seeFailed(2);
    expect(ledger).toMatchObject({ done: 2, failed: 0, open: 2 });
  });

  it('opens a shard again that was only heard of, when a listing does not find it', () => {
    const ledger = listed(3, 0);
    ledger.takeOpen(9);
    ledger.hearDone(1, rows(5));
    ledger.hearDone(2, rows(6));
    ledger.beginListing();
    ledger.seeListed(0);
    ledger.seeListed(2);
    expect(ledger.endListing()).toBe(1);
    expect(ledger).toMatchObject({ done: 2, heard: 0, open: 1, uncounted: 2, rows: rows(0) });
    expect(ledger.takeOpen(9)).toEqual([1]);
  });

  it('keeps what it hears of while a listing is under way', () => {
    const ledger = listed(3);
    ledger.beginListing();
    ledger.hearDone(0, rows(5));
    expect(ledger.endListing()).toBe(0);
    expect(ledger).toMatchObject({ done: 1, heard: 1 });
  });

  it('knows no shard that the plan does not have', () => {
    const ledger = listed(3, 7);
    ledger.hearDone(3, rows(1));
    ledger.seeFailed(-1);
    expect(ledger).toMatchObject({ done: 0, failed: 0, open: 3, rows: rows(0) });
  });
});

it('a set of shards behaves as a set of numbers', () => {
  const shard = fc.nat(130);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), shard)),
      fc.array(shard),
      shard,
      (steps, b, from) => {
        const set = new ShardSet(129);
        const other = new ShardSet(129);
        const model = new Set<number>();
        for (const number of b) other.add(number);
        for (const [add, number] of steps) {
          const news = add ? number < 129 && !model.has(number) : model.has(number);
          expect(add ? set.add(number) : set.delete(number)).toBe(news);
          if (add && number < 129) model.add(number);
          else model.delete(number);
        }
        expect([...set]).toEqual([...model].toSorted((x, y) => x - y));
        expect(set.size).toBe(model.size);
        const missing = Array.from({ length: 129 }, (_, i) => i).find(
          (i) => i >= from && !model.has(i) && !other.has(i),
        );
        expect(set.firstMissing(from, other)).toBe(missing);
      },
    ),
  );
});
