import { encodeModel } from '../onnx-encode.js';

/**
 * `features` float32 [N, 3] times weights that are a file of their own, to `score` float32 [N, 1].
 * @param file where they are, relative to the model.
 */
export function linearWithWeightsIn(file: string): Uint8Array {
  return encodeModel({
    graph: {
      name: 'linear',
      inputs: [{ name: 'features', type: 'float32', shape: ['N', 3] }],
      outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
      nodes: [{ op: 'MatMul', inputs: ['features', 'weights'], outputs: ['score'] }],
      initializers: [{ name: 'weights', type: 'float32', shape: [3, 1], file }],
    },
  });
}

/** The content of such a file. */
export function weightsFile(...weights: [number, number, number]): Uint8Array {
  return new Uint8Array(Float32Array.from(weights).buffer);
}
