export { readEnsemble } from './ensemble/read-ensemble.js';
export { generate, type TreeProgram } from './generate.js';
export { NotForKernelError } from './not-for-kernel.js';
export { cutGraph, type CutModel, findEnsemble } from './onnx/cut-graph.js';
export { cutTexts, type TextCut } from './onnx/cut-texts.js';
export type { ModelPart } from './onnx/graph-part.js';
export { type Graph, readGraph } from './onnx/read-graph.js';
export { MIN_PACKED_COLUMNS, RowPacker } from './row-packer.js';
export { TreeScorer } from './tree-scorer.js';
