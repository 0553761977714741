import type { PastRun } from '@shardmill/scheduler';
import { describe, expect, it } from 'vitest';
import { refuseUnchecked } from './refuse-unchecked.js';

const past = (model: PastRun['model'], quality: PastRun['quality'] = 'passed'): PastRun => ({
  run: 'r1',
  output: '/out',
  finishedAt: '2026-01-01T00:00:00.000Z',
  params: {},
  rows: { read: 1, scored: 1 },
  model,
  quality,
});

const file = { uri: '/m.onnx', sha256: 'a', bytes: 1 };
const version = { version: 7, file, externalData: [] };
const weights = { uri: '/w', sha256: 'w', bytes: 1, location: 'w' };
const promote =
  (runs: readonly PastRun[], of = version) =>
  () =>
    refuseUnchecked(runs, 'churn', of);

describe('a promotion that requires passed checks', () => {
  it('takes a run of that version, or of the same file', () => {
    expect(promote([past({ sha256: 'x', name: 'churn', version: 7 })])).not.toThrow();
    expect(promote([past({ sha256: 'a' })])).not.toThrow();
    expect(promote([past({ sha256: 'a' }, 'accepted'), past({ sha256: 'a' })])).not.toThrow();
  });

  it('takes no other run, and none that was accepted in spite of a failed check', () => {
    const missing = { code: 'MODEL_CHECKS_MISSING', where: 'churn@7' };
    const none = expect.objectContaining({
      ...missing,
      message: 'no finished run of a job with checks has scored with it',
    });
    expect(promote([])).toThrow(none);
    expect(promote([past({ sha256: 'b', name: 'churn', version: 6 })])).toThrow(none);
    expect(promote([past({ sha256: 'a' }, 'accepted')])).toThrow(
      expect.objectContaining({
        ...missing,
        message: 'the finished run that scored with it was accepted in spite of a failed check',
      }),
    );
  });

  it('does not take the file for the model where its weights lie in another', () => {
    const divided = { ...version, externalData: [weights] as never };
    expect(promote([past({ sha256: 'a' })], divided)).toThrow('no finished run');
    expect(promote([past({ sha256: 'a', name: 'churn', version: 7 })], divided)).not.toThrow();
  });
});
