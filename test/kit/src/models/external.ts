import { encodeModel } from '../onnx-encode.js';

/**
 * `features` float32 [N, 3] times weights that are a file of their own, to `score` float32 [N, 1].
 * @param file where they are, relative to the model.
 */
export function linearWithWeightsIn(file: string): Uint8Array {
  return linear({ file });
}

/**
 * The same with the weights at a place in that file, as an exporter of large models writes them.
 * @param offset where they begin.
 */
export function linearWithWeightsAt(file: string, offset: number): Uint8Array {
  return linear({ file, offset, length: 3 * Float32Array.BYTES_PER_ELEMENT });
}

function linear(place: { file: string; offset?: number; length?: number }): Uint8Array {
  return encodeModel({
    graph: {
      name: 'linear',
      inputs: [{ name: 'features', type: 'float32', shape: ['N', 3] }],
      outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
      nodes: [{ op: 'MatMul', inputs: ['features', 'weights'], outputs: ['score'] }],
      initializers: [{ name: 'weights', type: 'float32', shape: [3, 1], ...place }],
    },
  });
}

/**
 * A classifier whose weights, float32 [3, 2], are a file of their own, and whose only output is the
 * map of ZipMap: `scores`, the softmax of `features` float32 [N, 3] times the weights, by class.
 */
export function zipMapWithWeightsIn(file: string): Uint8Array {
  return encodeModel({
    graph: {
      name: 'zip_map_with_weights',
      inputs: [{ name: 'features', type: 'float32', shape: ['N', 3] }],
      outputs: [
        { kind: 'sequence-of-map', name: 'scores', keyType: 'string', valueType: 'float32' },
      ],
      nodes: [
        { op: 'MatMul', inputs: ['features', 'weights'], outputs: ['sums'] },
        { op: 'Softmax', inputs: ['sums'], outputs: ['shares'], attributes: { axis: { int: 1 } } },
        {
          op: 'ZipMap',
          domain: 'ai.onnx.ml',
          inputs: ['shares'],
          outputs: ['scores'],
          attributes: { classlabels_strings: { strings: ['no', 'yes'] } },
        },
      ],
      initializers: [{ name: 'weights', type: 'float32', shape: [3, 2], file }],
    },
  });
}

/** The content of such a file. */
export function weightsFile(...weights: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(weights).buffer);
}
