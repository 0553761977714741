import type { BoundFeature } from '@shardmill/core';
import { isValid, type NumberArray } from '../duckdb/raw-vector.js';
import { toHalf } from '../onnx/float16.js';
import type { TensorData } from '../onnx/tensor-types.js';
import { NULL_CODE } from '../text-tables/text-dictionary.js';
import type { ColumnView } from './column-view.js';

/**
 * Writes one scanned column into a tensor [N, width] (row-major): element `element` of rows
 * `firstRow`, `firstRow + 1`, …. Nulls in float tensors become NaN; where that is not wanted the
 * rows were left out by the selection.
 * @param selection source rows to take; undefined for all of `[from, to)`.
 */
export function packColumn(
  target: TensorData,
  feature: BoundFeature,
  element: number,
  firstRow: number,
  view: ColumnView,
  selection: Int32Array | undefined,
  from: number,
  to: number,
): void {
  const { width } = feature;
  const start = firstRow * width + element;
  if (view.kind === 'lists') {
    packLists(target, feature, firstRow, view, selection, from, to);
  } else if (view.kind === 'texts') {
    if (Array.isArray(target)) packTexts(target, width, start, view.texts, selection, from, to);
  } else if (view.kind === 'codes') {
    if (Array.isArray(target)) packCodes(target, width, start, view, selection, from, to);
  } else if (view.kind === 'numbers' && !Array.isArray(target)) {
    packNumbers(target, feature, start, view, selection, from, to);
  }
}

function packNumbers(
  target: NumberArray,
  feature: BoundFeature,
  start: number,
  view: Extract<ColumnView, { kind: 'numbers' }>,
  selection: Int32Array | undefined,
  from: number,
  to: number,
): void {
  const { values, validity } = view;
  const { width } = feature;
  const half = feature.type === 'float16';
  const plain = selection === undefined;
  if (plain && width === 1 && target instanceof Float32Array && values instanceof Float32Array) {
    target.set(values.subarray(from, to), start);
  } else if (plain && target instanceof Float32Array && values instanceof Float32Array) {
    // The common case, kept free of branches: it runs once per value of the dataset.
    for (let row = from, at = start; row < to; row++, at += width) target[at] = values[row] ?? 0;
  } else {
    let at = start;
    forEachRow(selection, from, to, (row) => {
      putNumber(target, at, values[row] ?? 0, half);
      at += width;
    });
  }
  if (validity === null || !feature.type.startsWith('float')) return;
  let at = start;
  forEachRow(selection, from, to, (row) => {
    if (!isValid(validity, row)) putNumber(target, at, Number.NaN, half);
    at += width;
  });
}

function putNumber(target: NumberArray, at: number, value: number | bigint, half: boolean): void {
  if (target instanceof BigInt64Array || target instanceof BigUint64Array)
    target[at] = BigInt(value);
  else if (half) target[at] = toHalf(Number(value));
  else target[at] = Number(value);
}

function packTexts(
  target: string[],
  width: number,
  start: number,
  texts: readonly (string | undefined)[],
  selection: Int32Array | undefined,
  from: number,
  to: number,
): void {
  let at = start;
  forEachRow(selection, from, to, (row) => {
    target[at] = texts[row] ?? '';
    at += width;
  });
}

function packCodes(
  target: string[],
  width: number,
  start: number,
  { codes, texts }: Extract<ColumnView, { kind: 'codes' }>,
  selection: Int32Array | undefined,
  from: number,
  to: number,
): void {
  let at = start;
  forEachRow(selection, from, to, (row) => {
    target[at] = texts[codes[row] ?? NULL_CODE] ?? '';
    at += width;
  });
}

function packLists(
  target: TensorData,
  feature: BoundFeature,
  firstRow: number,
  view: Extract<ColumnView, { kind: 'lists' }>,
  selection: Int32Array | undefined,
  from: number,
  to: number,
): void {
  const { width } = feature;
  const { elements } = view;
  let at = firstRow * width;
  forEachRow(selection, from, to, (row) => {
    const whole = isValid(view.validity, row);
    const offset = Number(view.offsets[row]);
    if (Array.isArray(target)) {
      if (elements.kind === 'texts') {
        for (let i = 0; i < width; i++) target[at + i] = elements.texts[offset + i] ?? '';
      }
    } else if (elements.kind === 'numbers') {
      const { values, validity } = elements;
      if (whole && target instanceof Float32Array && values instanceof Float32Array) {
        target.set(values.subarray(offset, offset + width), at);
        if (validity !== null) {
          for (let i = 0; i < width; i++) {
            if (!isValid(validity, offset + i)) target[at + i] = Number.NaN;
          }
        }
      } else {
        for (let i = 0; i < width; i++) {
          const known = whole && isValid(validity, offset + i);
          const value = known ? (values[offset + i] ?? 0) : Number.NaN;
          putNumber(target, at + i, value, feature.type === 'float16');
        }
      }
    }
    at += width;
  });
}

function forEachRow(
  selection: Int32Array | undefined,
  from: number,
  to: number,
  visit: (row: number) => void,
): void {
  if (selection === undefined) {
    for (let row = from; row < to; row++) visit(row);
  } else {
    for (const row of selection) visit(row);
  }
}
