import type { OnnxNode } from './onnx-graph.js';

export type Attributes = OnnxNode['attributes'];

/** Attributes of a node in a function take those of the call where they refer to them. */
export function resolveAttributes(own: Attributes, given: Attributes): Attributes {
  if (![...own.values()].some(({ reference }) => reference !== undefined)) return own;
  return new Map(
    [...own].flatMap(([name, attribute]) => {
      const value = attribute.reference === undefined ? attribute : given.get(attribute.reference);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
