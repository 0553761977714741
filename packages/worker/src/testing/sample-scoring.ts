import type { Scoring } from '@shardmill/core';

/** A scoring with one feature and one output that a single pass can do. */
export function sampleScoring(change: { uri?: string; bytes?: number } = {}): Scoring {
  const { uri = '/out', bytes = 1000 } = change;
  return {
    input: { columns: [], used: [], layouts: [], partitionColumns: [], where: null },
    model: {
      uri: 'm',
      sha256: '',
      bytes,
      externalData: [],
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 1] }],
      outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
    },
    features: [
      { input: 'x', type: 'float32', layout: 'scalars', width: 1, rowShape: [1], columns: [] },
    ],
    transform: null,
    nulls: 'reject',
    output: {
      uri,
      columns: [{ name: 'score', sql: 'score', type: 'FLOAT' }],
      compression: 'zstd',
      rowGroupRows: 1,
    },
  };
}
