export { readEnsemble } from './ensemble/read-ensemble.js';
export { generate, type TreeProgram } from './generate.js';
export { NotForKernelError } from './not-for-kernel.js';
export { cutGraph, type CutModel, findEnsemble, type ModelPart } from './onnx/cut-graph.js';
export { readGraph } from './onnx/read-graph.js';
export { MIN_PACKED_COLUMNS, RowPacker } from './row-packer.js';
export { TreeScorer } from './tree-scorer.js';
