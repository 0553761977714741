import { describe, expect, it } from 'vitest';
import { LanePool } from '../lane/lane-pool.js';
import { SpareTrial } from '../lane/spare-trial.js';
import { tryOneLane } from './try-one-lane.js';

/** A pool whose spare lane takes a given time. */
class FakePool extends LanePool {
  readonly steps: string[] = [];

  constructor(readonly spareMsPerRow: number | Error) {
    super();
  }

  override async addLane(...[path, { threads }, choices]: Parameters<LanePool['addLane']>) {
    this.steps.push(
      `add ${path} with ${threads} threads${choices?.spare === true ? ', spare' : ''}`,
    );
    if (this.spareMsPerRow instanceof Error) throw this.spareMsPerRow;
    return { inputs: [], outputs: [], report: { providers: ['cpu' as const], missing: [] } };
  }

  override async timeSpareLane(): Promise<number> {
    return this.spareMsPerRow instanceof Error ? Number.NaN : this.spareMsPerRow;
  }

  override async keepLanes(which: 'spare' | 'usual'): Promise<void> {
    this.steps.push(`keep ${which}`);
  }
}

async function tryOut(msPerRow: number, spare: number | Error) {
  const pool = new FakePool(spare);
  const found: boolean[] = [];
  tryOneLane(pool, { modelPath: 'm', lanes: 2, onFound: (oneLane) => found.push(oneLane) });
  pool.calls.onSteady?.(msPerRow);
  await new Promise((resolve) => setImmediate(resolve));
  return { steps: pool.steps, found };
}

describe('one lane with all threads', () => {
  it('takes the place of the others where it does more rows than they together', async () => {
    expect(await tryOut(1, 0.3)).toEqual({
      steps: ['add m with 2 threads, spare', 'keep spare'],
      found: [true],
    });
  });

  it('is ended where it does not', async () => {
    expect(await tryOut(1, 0.5)).toEqual({
      steps: ['add m with 2 threads, spare', 'keep usual'],
      found: [false],
    });
  });

  it('is not tried with a cheap model', async () => {
    expect(await tryOut(0.01, 0.001)).toEqual({ steps: [], found: [] });
  });

  it('is no failure where there is no room for it', async () => {
    const { steps, found } = await tryOut(1, new Error('no room'));
    expect(steps).toEqual(['add m with 2 threads, spare']);
    expect(found).toEqual([]);
  });
});

describe('the time of a spare lane', () => {
  it('is that of several batches after the first ones', async () => {
    const trial = new SpareTrial();
    for (const milliseconds of [500, 500, 10, 20, 30, 40, 50, 60, 1000]) {
      trial.record(10, milliseconds);
    }
    expect(await trial.msPerRow).toBe(3.5);
  });
});
