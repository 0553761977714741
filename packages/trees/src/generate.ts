import { type Ensemble, isLeaf } from './ensemble/ensemble.js';
import { BitSteps, type BlockMemory } from './kernel/bit-step.js';
import { BitTree } from './kernel/bit-tree.js';
import { finishRows } from './kernel/finish-rows.js';
import { thermometer } from './kernel/thermometer.js';
import { unpackRows } from './kernel/unpack-rows.js';
import { addLeafWeights, rankRows, TOGETHER, walkTree } from './kernel/walk.js';
import { MaskColumn, planMasks } from './layout/mask-plan.js';
import { COLUMN_SHIFT, MemoryLayout } from './layout/memory-layout.js';
import { planSteps, type StepPlan, type TargetedTree } from './layout/plan-steps.js';
import { measureTrees, nodesBelow, type TreeSizes } from './layout/tree-sizes.js';
import { planWalk, RankColumn } from './layout/walk-plan.js';
import { NotForKernelError } from './not-for-kernel.js';
import { i32, type Local, zeroMemory } from './wasm/expressions.js';
import { FunctionBody } from './wasm/function-body.js';
import { ModuleBuilder } from './wasm/module.js';
import { type CompiledModule, webAssembly } from './wasm/webassembly.js';

/** A module for one ensemble, and where things are in its memory. It can be posted to threads. */
export interface TreeProgram {
  readonly module: CompiledModule;
  /** Rows that are scored at once, at most. */
  readonly capacity: number;
  /** Features that the trees look at, with the address of each one's values. */
  readonly columns: readonly { readonly feature: number; readonly address: number }[];
  /** Rows of a block, which are scored together. */
  readonly blockRows: number;
  /** Where rows go as a tensor has them, and how many values there is room for. */
  readonly staging: { readonly address: number; readonly values: number };
  readonly scores: { readonly address: number; readonly width: number };
  readonly labels:
    | { readonly address: number; readonly texts: readonly string[] | undefined }
    | undefined;
  /** What was made, for people. */
  readonly summary: TreeSummary;
}

interface TreeSummary {
  readonly trees: number;
  readonly leaves: number;
  /** How many trees are evaluated by bits; the others are walked. */
  readonly byBits: number;
  readonly codeBytes: number;
  readonly memoryBytes: number;
}

/** Rows of DuckDB's chunks: results of fewer rows at once would be no gain. */
const MIN_CAPACITY = 2048;
/** Limit for one lane. Beyond it, memory is better spent on ONNX Runtime's form of the trees. */
const MAX_MEMORY_BYTES = 2 ** 28;

/** Values of row-major rows that are staged: some hundred usual rows, in the second-level cache. */
const STAGED_VALUES = 2 ** 16;

/** Generates the module of an ensemble. @throws NotForKernelError */
export function generate(ensemble: Ensemble): TreeProgram {
  const sizes = measureTrees(ensemble.nodes, ensemble.roots);
  const plan = planSteps(ensemble, sizes);
  const { blockRows } = plan;
  const memory = new MemoryLayout();
  const capacity = Math.max(MIN_CAPACITY, blockRows);
  const columns = placeColumns(memory, ensemble, capacity);
  const addressOf = new Map(columns.map(({ feature, address }) => [feature, address]));
  const outputs = ensemble.finish.values.length;
  const result = {
    scores: memory.reserve(4 * outputs * capacity, 64),
    labels: memory.reserve(ensemble.finish.label === undefined ? 0 : 8 * capacity, 64),
  };
  const staging = memory.reserve(4 * STAGED_VALUES + 16, 64);
  const block: BlockMemory = {
    codes: memory.reserve(8 * blockRows, 64),
    sums: memory.reserve(4 * blockRows * ensemble.targets, 64),
    sumStride: 4 * blockRows,
  };

  const module = new ModuleBuilder();
  const calls = stepCalls({ ensemble, sizes, plan, memory, module, block, addressOf });
  const finish = module.function(finishRows(ensemble.finish, memory, block, result));
  const score = new FunctionBody(2);
  const [first, count] = score.parameters as [Local, Local];
  score.run(zeroMemory(block.sums, 4 * blockRows * ensemble.targets));
  const [offset, walked] = score.locals(2, 'i32') as [Local, Local];
  score.set(offset, i32.shiftLeft(first, 2));
  score.set(walked, i32.and(i32.add(count, TOGETHER - 1), -TOGETHER));
  for (const call of calls) call(score, { offset, walked });
  score.call(finish, first, count);
  module.function(score, 'score');
  module.function(unpackRows({ rows: staging, columns }), 'unpack');
  for (const { address, bytes } of memory.segments()) module.data(address, bytes);
  if (memory.size > MAX_MEMORY_BYTES) {
    throw new NotForKernelError(`it would take ${memory.size} bytes of memory`);
  }
  const code = module.encode(memory.size);
  const { label } = ensemble.finish;
  return {
    module: new webAssembly.Module(code),
    capacity,
    columns,
    blockRows,
    staging: { address: staging, values: STAGED_VALUES },
    scores: { address: result.scores, width: outputs },
    labels: label && { address: result.labels, texts: textsOf(label.labels) },
    summary: summarize(ensemble, sizes, plan, code.length, memory.size),
  };
}

/** What a block is, in locals of the function that scores it. */
interface BlockLocals {
  /** Byte offset of its first row's value in each column. */
  readonly offset: Local;
  /** Its rows, as many as are walked. */
  readonly walked: Local;
}

type StepCall = (score: FunctionBody, block: BlockLocals) => void;

/** Adds the functions that make the sums of a block. @returns code that calls them in order */
function stepCalls({
  ensemble,
  sizes,
  plan,
  memory,
  module,
  block,
  addressOf,
}: {
  readonly ensemble: Ensemble;
  readonly sizes: TreeSizes;
  readonly plan: StepPlan;
  readonly memory: MemoryLayout;
  readonly module: ModuleBuilder;
  readonly block: BlockMemory;
  readonly addressOf: ReadonlyMap<number, number>;
}): StepCall[] {
  const { blockRows } = plan;
  const { nodes } = ensemble;
  const valuesOf = (feature: number): number => addressOf.get(feature) ?? 0;
  const calls: StepCall[] = [];
  const bits = innerNodes(
    ensemble,
    plan.steps.flatMap((s) => (s.kind === 'bits' ? s.trees : [])),
  );
  const masks = planMasks(memory, nodes, bits, valuesOf);
  const scratch = memory.reserve(16 * (masks.most + 1), 64);
  for (const run of masks.runs) {
    const index = module.function(thermometer(run.steps, scratch));
    calls.push(callForEach(index, run, MaskColumn.bytes));
  }
  const maskOf = new Int32Array(nodes.left.length);
  for (const [i, node] of bits.entries()) maskOf[node] = masks.addresses[i] ?? 0;
  const bitSteps = new BitSteps(ensemble, new BitTree(nodes, sizes, maskOf), memory, block);

  const walked = plan.steps.flatMap((step) => (step.kind === 'walk' ? [step.tree] : []));
  const walk = planWalk(memory, ensemble, sizes, walked, { blockRows, valuesOf });
  for (const run of walk.runs) {
    const index = module.function(rankRows(run.steps, walk));
    calls.push(callForEach(index, run, RankColumn.bytes, true));
  }
  const walkOne = module.function(walkTree(walk));
  const addOne = module.function(addLeafWeights(walk));
  for (const step of plan.steps) {
    if (step.kind === 'bits') {
      const index = module.function(bitSteps.make(step.trees));
      calls.push((score) => score.call(index));
      continue;
    }
    const tree = walk.trees.get(step.tree);
    if (tree === undefined) continue;
    calls.push((score, { walked }) => {
      score.call(walkOne, tree.root, tree.height, walked);
      for (const [k, target] of step.tree.targets.entries()) {
        const sums = block.sums + target * block.sumStride;
        score.call(addOne, tree.weights[k] ?? 0, sums, walked);
      }
    });
  }
  return calls;
}

/** Calls a function with each of some descriptors. @param walked whether it takes the number of rows */
function callForEach(
  index: number,
  run: { readonly descriptors: number; readonly columns: number },
  bytes: number,
  walked = false,
): StepCall {
  return (score, block) => {
    const descriptor = score.local('i32');
    score.set(descriptor, run.descriptors);
    score.loop(
      () => {
        score.call(index, descriptor, block.offset, ...(walked ? [block.walked] : []));
        score.add(descriptor, bytes);
      },
      i32.notEqual(descriptor, run.descriptors + run.columns * bytes),
    );
    score.release(descriptor);
  };
}

function innerNodes({ nodes }: Ensemble, trees: readonly TargetedTree[]): Int32Array {
  return Int32Array.from(
    trees.flatMap(({ root }) => nodesBelow(nodes, root).filter((node) => !isLeaf(nodes, node))),
  );
}

function placeColumns(
  memory: MemoryLayout,
  { nodes }: Ensemble,
  capacity: number,
): { feature: number; address: number }[] {
  const used = new Set<number>();
  for (let node = 0; node < nodes.left.length; node++) {
    if (!isLeaf(nodes, node)) used.add(nodes.feature[node] ?? 0);
  }
  return [...used]
    .toSorted((a, b) => a - b)
    .map((feature) => ({ feature, address: memory.reserve(4 * capacity + COLUMN_SHIFT, 64) }));
}

function textsOf(labels: readonly bigint[] | readonly string[]): readonly string[] | undefined {
  const texts = labels.filter((label) => typeof label === 'string');
  return texts.length > 0 ? texts : undefined;
}

function summarize(
  { roots }: Ensemble,
  { leaves }: TreeSizes,
  { steps }: StepPlan,
  codeBytes: number,
  memoryBytes: number,
): TreeSummary {
  const walked = steps.filter(({ kind }) => kind === 'walk').length;
  return {
    trees: roots.length,
    leaves: roots.reduce((sum, root) => sum + (leaves[root] ?? 0), 0),
    byBits: roots.length - walked,
    codeBytes,
    memoryBytes,
  };
}
