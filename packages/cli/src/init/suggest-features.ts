import { type Column, type ModelDescription, nearestNames, type TensorInfo } from '@shardmill/core';
import { plural } from '../ui/format.js';
import { shapeText } from '../ui/tensor-text.js';
import { wrapText } from '../ui/text-layout.js';
import type { Entry } from './outline.js';

/** A column, with what is known of its nulls. */
export interface KnownColumn extends Column {
  readonly nulls: number | null;
}

/**
 * A feature for each input of the model, from the columns of a Parquet file: by name where one is
 * named like it, all the numeric columns for a packed [N, F] input, else a guess to be checked.
 * Those that need no word are listed in one comment.
 */
export function suggestFeatures(
  model: Pick<ModelDescription, 'inputs'>,
  columns: readonly KnownColumn[],
): Entry[] {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const matched = model.inputs.filter((input) => byName.has(input.name.toLowerCase()));
  const free = columns.filter(({ name }) =>
    matched.every((input) => input.name.toLowerCase() !== name.toLowerCase()),
  );
  const silent: string[] = [];
  const entries: Entry[] = [];
  for (const input of model.inputs) {
    const column = byName.get(input.name.toLowerCase());
    const width = widthOf(input);
    if (column === undefined || (width !== undefined && width > 1 && !isList(column))) {
      entries.push(guess(input, width, columns, free));
    } else if (column.name !== input.name) {
      entries.push({ key: input.name, value: sqlName(column.name), comment: shapeOf(input) });
    } else if (column.nulls !== null && column.nulls > 0) {
      entries.push(withNulls(input, column));
    } else {
      silent.push(input.name);
    }
  }
  const [first] = entries;
  if (silent.length === 0) return entries;
  const note = `Matched by name: ${wrapText(silent.join(', '), 90, 0, 17)}.`;
  if (first === undefined)
    return [{ key: silent[0] ?? '', value: sqlName(silent[0] ?? ''), comment: note, off: true }];
  return [{ ...first, comment: `${note}\n${first.comment ?? ''}` }, ...entries.slice(1)];
}

function withNulls(input: TensorInfo, column: KnownColumn): Entry {
  const filler = isNumeric(column.type) ? '0' : "''";
  return {
    key: input.name,
    value: `coalesce(${sqlName(column.name)}, ${filler})`,
    comment: `${shapeOf(input)}: CHECK, ${plural(column.nulls ?? 0, 'row')} without a value would be rejected; to fill it in instead:`,
    off: true,
  };
}

/** For an input that no column is named like, or not of its width. */
function guess(
  input: TensorInfo,
  width: number | undefined,
  columns: readonly KnownColumn[],
  free: readonly KnownColumn[],
): Entry {
  const comment = shapeOf(input);
  const list = free.find(isList);
  if (width !== 1 && list !== undefined) {
    return {
      key: input.name,
      value: sqlName(list.name),
      comment: `${comment}: CHECK, the list column`,
    };
  }
  if (width !== undefined && width > 1) {
    const fitting = free.filter(({ type }) => isNumeric(type));
    return {
      key: input.name,
      value: fitting.slice(0, width).map(({ name }) => sqlName(name)),
      comment:
        fitting.length >= width
          ? `${comment}: CHECK that these are the columns of the training, in their order`
          : `${comment}: CHECK, ${width} expressions are needed, only ${fitting.length} numeric columns are left`,
    };
  }
  const names = columns.map((column) => column.name);
  const near = nearestNames(input.name, names, 1)[0] ?? names[0] ?? 'COLUMN';
  return {
    key: input.name,
    value: sqlName(near),
    comment: `${comment}: CHECK, no column has this name`,
  };
}

const shapeOf = (input: TensorInfo): string => `${input.type} ${shapeText(input.shape)}`;
const isList = ({ type }: Column): boolean => type.endsWith(']');

/** The columns of the result: what looks like an identifier, then each output of the model. */
export function suggestOutputColumns(
  model: Pick<ModelDescription, 'outputs'>,
  columns: readonly Column[],
): Entry[] {
  const names = columns.map((column) => column.name);
  const key = names.find((name) => /(^|_)(id|key|uuid)$|id$/i.test(name)) ?? names[0];
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const entries: Entry[] =
    key === undefined ? [] : [{ key, value: sqlName(key), comment: 'handed on unchanged' }];
  for (const output of model.outputs) {
    if (!('shape' in output)) continue;
    const comment = `${output.type} ${shapeText(output.shape)}`;
    const clash = taken.has(output.name.toLowerCase());
    const source = clash ? `model.${sqlName(output.name)}` : sqlName(output.name);
    const width = widthOf(output);
    const two = width === 2 && output.type.startsWith('float');
    entries.push({
      key: clash ? `model_${output.name}` : two ? 'score' : output.name,
      value: two ? `${source}[2]` : source,
      comment: two ? `${comment}: the second of two values, which SQL counts from 1` : comment,
    });
  }
  return entries;
}

/** Elements per row, or undefined where the model leaves them open. */
function widthOf({ shape }: Pick<TensorInfo, 'shape'>): number | undefined {
  let width = 1;
  for (const dimension of shape.slice(1)) {
    if (typeof dimension === 'string' || dimension < 0) return undefined;
    width *= dimension;
  }
  return width;
}

function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL|BOOLEAN)/i.test(type);
}

/** A column's name as SQL takes it. */
function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
