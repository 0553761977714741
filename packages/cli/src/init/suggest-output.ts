import type { ModelDescription, TensorInfo } from '@shardmill/core';
import { shapeText } from '../ui/text/tensor-text.js';
import { keyColumns } from './identify-columns.js';
import type { KnownColumn } from './known-column.js';
import type { Entry } from './outline.js';
import { sqlName } from './sql-name.js';
import { tokenInput } from './suggest-tokens.js';
import { widthOf } from './tensor-width.js';

/** Class names that a comment lists at most. */
const MAX_CLASSES = 8;

/** The columns of the result: keys, partition columns, then each output of the model. */
export function suggestOutputColumns(
  model: Pick<ModelDescription, 'inputs' | 'outputs' | 'zipMaps'>,
  columns: readonly KnownColumn[],
): { readonly entries: readonly Entry[]; readonly keys: readonly KnownColumn[] } {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const taken = new Set<string>();
  const entries: Entry[] = [];
  const add = (entry: Entry): void => {
    taken.add(entry.key.toLowerCase());
    entries.push(entry);
  };
  const keys = keyColumns(columns);
  for (const { name } of keys) {
    add({ key: name, value: sqlName(name), comment: 'handed on unchanged' });
  }
  if (keys.length === 0) entries.push(NO_KEY);
  for (const { name } of columns.filter(({ partition }) => partition)) {
    add({ key: name, value: sqlName(name), comment: 'of the names of the folders' });
  }
  for (const output of model.outputs) {
    const clash = names.has(output.name.toLowerCase());
    const source = clash ? `model.${sqlName(output.name)}` : sqlName(output.name);
    const free = (name: string): string =>
      taken.has(name.toLowerCase()) || (clash && name === output.name) ? `model_${name}` : name;
    if (!('shape' in output)) {
      const comment = 'a map or a sequence, which cannot be used: export a tensor in its place';
      entries.push({ key: free(output.name), value: source, comment, off: true });
      continue;
    }
    if (tokenInput(model.inputs) !== undefined && isVectorOfEachToken(output)) {
      add({
        key: free('embedding'),
        value: `l2_normalize(mean_pool(${source}))`,
        comment: `${output.type} ${shapeText(output.shape)}: CHECK, the mean of the tokens; how the model is pooled is in its 1_Pooling/config.json or on its card`,
      });
      continue;
    }
    const classes = classesText(model.zipMaps[output.name]);
    const comment = `${output.type} ${shapeText(output.shape)}${classes}`;
    if (widthOf(output) === 2 && output.type.startsWith('float')) {
      add({
        key: free('score'),
        value: `${source}[2]`,
        comment: `${comment}; the second of two values, since SQL counts from 1`,
      });
    } else add({ key: free(output.name), value: source, comment });
  }
  return { entries, keys };
}

const isVectorOfEachToken = ({ type, shape }: TensorInfo): boolean =>
  type.startsWith('float') && shape.length === 3;

const NO_KEY: Entry = {
  key: 'row_key',
  value: 'COLUMN',
  off: true,
  comment:
    'No column looks like a key. Hand on what identifies a row, or no score finds its row again:',
};

/** Says what the values of a map (ZipMap) are of that is given as a tensor. */
function classesText(classes: readonly string[] | undefined): string {
  if (classes === undefined) return '';
  const shown = classes.slice(0, MAX_CLASSES).join(', ');
  const more = classes.length > MAX_CLASSES ? ` and ${classes.length - MAX_CLASSES} more` : '';
  return `, the tensor before ZipMap; its classes in order: ${shown}${more}`;
}
