import type { JobDefinition } from '@shardmill/core';
import { jobSchema } from '@shardmill/core/schemas';
import { expect, it } from 'vitest';
import { refuseUnsupported } from './refuse-unsupported.js';

const tokens = { tokenize: 'x', tokenizer: 't.json', maxLength: 8 };
const image = { image: 'x', crop: 8 };
const next = { name: 'next', model: { uri: 'n.onnx' } };

const jobOf = (change: Partial<JobDefinition>) =>
  jobSchema.parse({
    name: 'test',
    input: { uri: 'data' },
    model: { uri: 'm.onnx' },
    output: { uri: 'out', columns: { score: 'score' } },
    challengers: [next],
    ...change,
  });

it.each<[string, Partial<JobDefinition>, string]>([
  ['a transform', { transform: { module: 't.js', columns: { a: 'a' } } }, 'transform'],
  ['model.batching', { model: { uri: 'm', batching: { rows: 8 } } }, 'model.batching'],
  ['a feature that is made of tokens', { features: { ids: tokens } }, 'features.ids'],
  [
    'a feature that is images',
    { challengers: [{ ...next, features: { pixels: image } }] },
    'challengers.next.features.pixels',
  ],
])('a job with challengers and %s is refused, with what remains', (what, change, where) => {
  expect(() => refuseUnsupported(jobOf(change))).toThrow(
    expect.objectContaining({
      code: 'CHALLENGER_INVALID',
      message: `a job with challengers cannot have ${what}`,
      where,
      remedy: expect.stringContaining('shardmill model test JOB --model URI'),
    }),
  );
  refuseUnsupported(jobOf({ ...change, challengers: undefined }));
});
