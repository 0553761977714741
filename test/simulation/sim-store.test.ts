import { afterEach, describe } from 'vitest';
import { objectContract } from '../../packages/core/src/testing/object-contract.js';
import { ObjectSpace, SimStore } from './sim-store.js';
import { newProcess, World } from './world.js';

let stop = (): void => {};
afterEach(() => stop());

/** A store of the simulation, whose requests happen one by one in an arbitrary order. */
function open(): SimStore {
  const world = new World(Math.random);
  const space = new ObjectSpace(world, () => {});
  const ended = new AbortController();
  stop = () => ended.abort();
  void (async () => {
    while (!ended.signal.aborted) {
      if (!(await world.step())) await new Promise((done) => setImmediate(done));
    }
  })();
  return new SimStore(space, newProcess('p', 'worker'), 'memory');
}

describe('the store of the simulation', () => objectContract(open));
