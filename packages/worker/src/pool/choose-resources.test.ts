import type { Scoring } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { chooseResources, type ResourceOptions, type Resources } from './choose-resources.js';

const machine = { cores: 16, memoryBytes: 64 * 2 ** 30 };
/** The part of a plan that the choice depends on: a small model. */
const scoring: Pick<Scoring, 'model' | 'features'> = {
  model: {
    uri: '/model.onnx',
    sha256: 'a'.repeat(64),
    bytes: 1000,
    externalData: [],
    inputs: [{ name: 'x', type: 'float32', shape: ['N', 3] }],
    outputs: [],
  },
  features: [],
};

const choose = (
  resources: Parameters<typeof chooseResources>[1],
  options: ResourceOptions = {},
): Resources => chooseResources(options, resources, scoring, machine);

describe('a job for the CPU', () => {
  it('gets engines and lanes that use all cores', () => {
    expect(choose({})).toMatchObject({ engines: 4, lanes: 4, executionProviders: ['cpu'] });
  });
});

describe('a job for a device', () => {
  it('gets one engine and one lane, which share the memory of the device with no other', () => {
    const chosen = choose({ executionProviders: ['cuda', 'cpu'] });
    expect(chosen).toMatchObject({ engines: 1, deviceLanes: 1 });
    expect(chosen.executionProviders).toEqual(['cuda', 'cpu']);
  });

  it('gets all cores where the CPU computes instead', () => {
    expect(choose({ executionProviders: ['cuda', 'cpu'] }).lanes).toBe(16);
  });

  it('gets what was set by hand, or else what it says', () => {
    const executionProviders = ['cuda' as const];
    expect(choose({ executionProviders, lanes: 2 })).toMatchObject({ lanes: 2, deviceLanes: 2 });
    expect(choose({ executionProviders, lanes: 2 }, { lanes: 3, engines: 2 })).toMatchObject({
      engines: 2,
      deviceLanes: 3,
    });
  });
});

describe('a job that fixes the rows of a call', () => {
  it('gets batches of them, untuned, whatever is set for others', () => {
    const fixed = { ...scoring, model: { ...scoring.model, rowsPerCall: 300 } };
    for (const options of [{}, { batchRows: 8192 }]) {
      expect(chooseResources(options, {}, fixed, machine)).toMatchObject({
        batchRows: 300,
        tuneCalls: false,
      });
    }
    expect(choose({})).toMatchObject({ tuneCalls: true });
  });

  it('or gives their tokens gets those, untuned', () => {
    expect(choose({ batchTokens: 4096 })).toMatchObject({ batchTokens: 4096, tuneCalls: false });
  });
});
