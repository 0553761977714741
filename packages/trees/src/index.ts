export { isEnsemble, readEnsemble } from './ensemble/read-ensemble.js';
export { generate, type TreeProgram, type TreeSummary } from './generate.js';
export { NotForKernelError } from './not-for-kernel.js';
export { readGraph, type Graph, type GraphNode, type GraphValue } from './onnx/read-graph.js';
export { TreeScorer } from './tree-scorer.js';
