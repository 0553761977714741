import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  findEnsemble,
  generate,
  readEnsemble,
  readGraph,
  type TreeProgram,
  TreeScorer,
} from '../index.js';
import type { EnsembleCase } from './random-ensemble.js';

/** The program of a model's ensemble. @throws NotForKernelError */
export function programOf(model: Uint8Array): TreeProgram {
  return generate(readEnsemble(findEnsemble(readGraph(model))));
}

/** The results of ONNX Runtime with one thread, by the name of the output. */
async function runtimeResults(
  model: Uint8Array,
  values: Float32Array,
  { rows, width, outputs }: Pick<EnsembleCase, 'rows' | 'width' | 'outputs'>,
): Promise<ReadonlyMap<string, Tensor['data']>> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const [input = 'x'] = session.inputNames;
  const results = await session.run(
    { [input]: new Tensor('float32', values, [rows, width]) },
    outputs,
  );
  const found = outputs.map((name) => {
    const tensor = results[name];
    if (tensor === undefined) throw new Error(`no output "${name}"`);
    return [name, tensor.data] as const;
  });
  await session.release();
  return new Map(found);
}

interface KernelResults {
  readonly scores: Float32Array;
  readonly labels: readonly (bigint | string)[];
}

function kernelResults(
  program: TreeProgram,
  values: Float32Array,
  { rows, width }: Pick<EnsembleCase, 'rows' | 'width'>,
): KernelResults {
  const scorer = new TreeScorer(program);
  const scores: number[] = [];
  const labels: (bigint | string)[] = [];
  for (let first = 0; first < rows; first += program.capacity) {
    const count = Math.min(program.capacity, rows - first);
    scorer.scoreRows(values.subarray(first * width), width, count);
    scores.push(...scorer.scores(count));
    labels.push(...scorer.labels(count));
  }
  return { scores: Float32Array.from(scores), labels };
}

/** Places where two lists of floats are not the same to the bit; one NaN is as good as another. */
function differences(got: Float32Array, wanted: ArrayLike<unknown>): number[] {
  const places: number[] = [];
  for (let i = 0; i < Math.max(got.length, wanted.length); i++) {
    if (!Object.is(got[i], wanted[i])) places.push(i);
  }
  return places;
}

/** How kernel and ONNX Runtime differ on a case; empty where they agree to the bit. */
export async function disagreements(sample: EnsembleCase): Promise<string[]> {
  const program = programOf(sample.model);
  const wanted = await runtimeResults(sample.model, sample.values, sample);
  const got = kernelResults(program, sample.values, sample);
  const scores = wanted.get(sample.outputs.at(-1) ?? '') ?? [];
  const found = differences(got.scores, scores).map(
    (i) => `score ${i}: ${got.scores[i]}, not ${String(scores[i])}`,
  );
  const labels = sample.outputs.length > 1 ? (wanted.get(sample.outputs[0] ?? '') ?? []) : [];
  for (const [i, label] of Array.from<unknown>(labels).entries()) {
    if (label !== got.labels[i]) found.push(`label ${i}: ${got.labels[i]}, not ${String(label)}`);
  }
  return found.length === 0 ? [] : [sample.description, ...found.slice(0, 5)];
}
