import { readdirSync, readFileSync } from 'node:fs';
import { createRandom } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { findEnsemble } from './onnx/cut-graph.js';
import { readGraph } from './onnx/read-graph.js';
import { declareTensor, writeModel } from './onnx/write-model.js';
import { readEnsemble } from './ensemble/read-ensemble.js';
import { disagreements } from './testing/compare-with-runtime.js';

const FOLDER = new URL('../real-models/', import.meta.url);
const FEATURES = 8;
const ROWS = 1500;

/** The ensemble of a model as a model by itself. */
function ensembleAlone(model: Uint8Array): { model: Uint8Array; outputs: readonly string[] } {
  const graph = readGraph(model);
  const ensemble = findEnsemble(graph);
  const { finish } = readEnsemble(ensemble);
  const [input = ''] = ensemble.inputs;
  const labels = typeof finish.label?.labels[0] === 'string' ? 'string' : 'int64';
  const outputs = ensemble.outputs.map((name, i) =>
    finish.label !== undefined && i === 0
      ? declareTensor(name, labels, [undefined])
      : declareTensor(name, 'float32', [undefined, finish.values.length]),
  );
  const inputs = [declareTensor(input, 'float32', [undefined, FEATURES])];
  const alone = writeModel(graph, { nodes: [ensemble], constants: [], inputs, outputs });
  return { model: alone, outputs: ensemble.outputs };
}

const names = readdirSync(FOLDER).filter((name) => name.endsWith('.onnx'));

describe('models of other libraries', () => {
  it('are there', () => {
    expect(names).toHaveLength(13);
  });

  it.each(names)('score as in ONNX Runtime, to the bit: %s', async (name) => {
    const random = createRandom(11);
    const values = Float32Array.from({ length: ROWS * FEATURES }, (_, i) => {
      if (i % FEATURES === 5) return random.integer(9);
      return random.uniform() < 0.03 ? NaN : random.normal();
    });
    const { model, outputs } = ensembleAlone(readFileSync(new URL(name, FOLDER)));
    const sample = { model, values, outputs, rows: ROWS, width: FEATURES, description: name };
    expect(await disagreements(sample)).toEqual([]);
  });
});
