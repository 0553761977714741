import { createHash } from 'node:crypto';
import type { ModelFacts } from '../models/model-event.js';

/** A model as the registry describes it; another name is another file. */
export function modelFacts(name: string, change: Partial<ModelFacts> = {}): ModelFacts {
  const sha256 = createHash('sha256').update(name).digest('hex');
  return {
    file: { uri: `/models/${name}.onnx`, sha256, bytes: 100 },
    externalData: [],
    copied: false,
    source: `/models/${name}.onnx`,
    opsets: { '': 17 },
    irVersion: 8,
    producer: 'test',
    inputs: [{ name: 'features', type: 'float32', shape: ['N', 30] }],
    outputs: [{ name: 'probabilities', type: 'float32', shape: ['N', 2] }],
    classes: {},
    ...change,
  };
}
