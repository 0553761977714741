import type { ColumnUse } from '@shardmill/core';
import type { DatasetName } from './dataset-name.js';

/** References to input columns in one event; above that, those of the model are given once for all. */
const MAX_REFERENCES = 20_000;

interface Transformation {
  readonly type: 'DIRECT' | 'INDIRECT';
  readonly subtype: 'IDENTITY' | 'TRANSFORMATION' | 'FILTER';
  readonly description?: string;
}
interface InputField extends DatasetName {
  readonly field: string;
  readonly transformations: readonly Transformation[];
}
type Fields = Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>;

export interface ColumnLineage {
  readonly fields: Fields;
  /** What every row depends on. */
  readonly dataset: readonly InputField[];
}

export interface ColumnLineageFacts {
  readonly use: ColumnUse;
  /** Names of the output's columns, in the order of `use.outputs`. */
  readonly columns: readonly string[];
  readonly inputs: readonly DatasetName[];
  readonly model: DatasetName;
}

/**
 * Which columns of the input and which output of the model each output column comes from. What the
 * model gives comes from every column that its inputs are made of.
 */
export function columnLineage(
  { use, columns, inputs, model }: ColumnLineageFacts,
  maxReferences = MAX_REFERENCES,
): ColumnLineage {
  const ofInput = (field: string, transformation: Transformation): InputField[] =>
    inputs.map((name) => ({ ...name, field, transformations: [transformation] }));
  const scored = use.outputs.filter(({ modelOutputs }) => modelOutputs.length > 0).length;
  const inFull = scored * use.features.length * inputs.length <= maxReferences;
  const fields = columns.map((name, index) => {
    const { columns: own = [], modelOutputs = [], plain = false } = use.outputs[index] ?? {};
    const direct: Transformation = {
      type: 'DIRECT',
      subtype: plain ? 'IDENTITY' : 'TRANSFORMATION',
    };
    const description = `what the model computes: ${modelOutputs.join(', ')}`;
    const throughModel: Transformation = { type: 'DIRECT', subtype: 'TRANSFORMATION', description };
    const features = modelOutputs.length > 0 && inFull ? use.features : [];
    const inputFields = [
      ...own.flatMap((column) => ofInput(column, direct)),
      ...modelOutputs.map((field) => ({ ...model, field, transformations: [direct] })),
      ...features
        .filter((column) => !own.includes(column))
        .flatMap((column) => ofInput(column, throughModel)),
    ];
    return [name, { inputFields }] as const;
  });
  const filter: Transformation = { type: 'INDIRECT', subtype: 'FILTER' };
  const forModel: Transformation = {
    type: 'DIRECT',
    subtype: 'TRANSFORMATION',
    description: 'the model computes its outputs from it',
  };
  return {
    fields: Object.fromEntries(fields),
    dataset: [
      ...use.where.flatMap((column) => ofInput(column, filter)),
      ...(inFull ? [] : use.features).flatMap((column) => ofInput(column, forModel)),
    ],
  };
}
