import { type Dimension, type ElementType, encodeModel } from '@shardmill/test-kit';

/**
 * A model that gives back what it gets: input `NAME`, of a type and shape, as output `NAME_out`.
 * Shapes are those of one row; the batch comes before them.
 */
export function echoModel(
  tensors: Readonly<Record<string, readonly [type: ElementType, ...shape: Dimension[]]>>,
): Uint8Array {
  const list = Object.entries(tensors).map(([name, [type, ...shape]]) => ({ name, type, shape }));
  return encodeModel({
    graph: {
      name: 'echo',
      inputs: list.map(({ name, type, shape }) => ({ name, type, shape: ['N', ...shape] })),
      outputs: list.map(({ name, type, shape }) => ({
        name: `${name}_out`,
        type,
        shape: ['N', ...shape],
      })),
      nodes: list.map(({ name }) => ({ op: 'Identity', inputs: [name], outputs: [`${name}_out`] })),
    },
  });
}

/** Output columns `NAME: NAME_out` for such a model, after these. */
export function echoColumns(
  names: readonly string[],
  others: Readonly<Record<string, string>> = { id: 'id' },
): Record<string, string> {
  return { ...others, ...Object.fromEntries(names.map((name) => [name, `${name}_out`])) };
}
