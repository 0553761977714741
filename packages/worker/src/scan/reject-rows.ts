import { type BoundFeature, type Scoring, ShardmillError } from '@shardmill/core';
import { isValid } from '../duckdb/raw-vector.js';
import { tokensFault } from '../text/tokens-view.js';
import { NUL_CODE, NULL_CODE } from '../text-tables/text-dictionary.js';
import type { ColumnView } from './column-view.js';

const NONE: ReadonlyMap<number, string> = new Map();

/**
 * Rows of `[from, to)` that cannot be scored, with the reason: a null where the policy does not
 * let it pass, or a list of the wrong length.
 * @throws NULL_FEATURE where the policy is `fail`.
 */
export function findRejects(
  features: readonly BoundFeature[],
  views: readonly ColumnView[],
  from: number,
  to: number,
  nulls: Scoring['nulls'],
): ReadonlyMap<number, string> {
  let rejects: Map<number, string> | undefined;
  let column = 0;
  for (const feature of features) {
    const nullsPass = nulls === 'nan' && feature.type.startsWith('float');
    for (const { label } of feature.columns) {
      const view = views[column++];
      if (view === undefined || !needsLook(view, nullsPass)) continue;
      for (let row = from; row < to; row++) {
        const fault = faultOf(view, row, feature.width, nullsPass);
        if (fault === undefined) continue;
        if (nulls === 'fail' && fault.isNull) {
          throw new ShardmillError('NULL_FEATURE', `"${label}" is null in a row`, {
            where: `features.${feature.input}`,
          });
        }
        rejects ??= new Map();
        if (!rejects.has(row)) {
          rejects.set(row, `feature ${feature.input}: "${label}" ${fault.text}`);
        }
      }
    }
  }
  return rejects ?? NONE;
}

function needsLook(view: ColumnView, nullsPass: boolean): boolean {
  switch (view.kind) {
    case 'numbers':
      return view.validity !== null && !nullsPass;
    case 'codes':
      return view.faulty;
    case 'texts':
    case 'tokens':
    case 'lists':
      return true;
    default: {
      const unknown: never = view;
      return unknown;
    }
  }
}

interface Fault {
  readonly isNull: boolean;
  readonly text: string;
}

const NULL_FAULT: Fault = { isNull: true, text: 'is null or out of range' };
const NULL_TEXT: Fault = { isNull: true, text: 'is null' };
const NUL_TEXT: Fault = { isNull: false, text: 'holds a NUL character' };

function faultOf(
  view: ColumnView,
  row: number,
  width: number,
  nullsPass: boolean,
): Fault | undefined {
  switch (view.kind) {
    case 'numbers':
      return isValid(view.validity, row) ? undefined : NULL_FAULT;
    case 'texts':
      return textFault(view.texts[row]);
    case 'tokens':
      return tokensFault(view, row);
    case 'codes':
      return codeFault(view.codes[row]);
    case 'lists': {
      if (!isValid(view.validity, row)) {
        return nullsPass ? undefined : { isNull: true, text: 'is null' };
      }
      const length = Number(view.lengths[row]);
      if (length !== width) {
        return { isNull: false, text: `has ${length} elements, expected ${width}` };
      }
      if (nullsPass) return undefined;
      const { elements } = view;
      const start = Number(view.offsets[row]);
      for (let i = start; i < start + length; i++) {
        const fault =
          elements.kind === 'texts'
            ? textFault(elements.texts[i])
            : isValid(elements.validity, i)
              ? undefined
              : NULL_FAULT;
        if (fault === undefined) continue;
        const what = fault.isNull ? 'has a null element' : `has an element that ${fault.text}`;
        return { isNull: fault.isNull, text: `${what}, at ${i - start + 1}` };
      }
      return undefined;
    }
    default: {
      const unknown: never = view;
      return unknown;
    }
  }
}

/** onnxruntime-node hands texts on as C strings: the model would see another, shorter one. */
function textFault(text: string | undefined): Fault | undefined {
  if (text === undefined) return NULL_TEXT;
  return text.includes('\0') ? NUL_TEXT : undefined;
}

function codeFault(code: number | undefined): Fault | undefined {
  if (code === NULL_CODE) return NULL_TEXT;
  return code === NUL_CODE ? NUL_TEXT : undefined;
}
