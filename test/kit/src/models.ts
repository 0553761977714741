// Every function here returns the bytes of an ONNX file; its comment says inputs and outputs.
export * from './models/attention.js';
export * from './models/batch-dependent.js';
export * from './models/dense.js';
export * from './models/plain.js';
export * from './models/trees.js';
export * from './models/trouble.js';
export * from './models/encoder.js';
export * from './models/grown-forest.js';
export * from './models/external.js';
export type { Tree } from './models/tree-nodes.js';
