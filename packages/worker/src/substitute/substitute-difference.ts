import type { BatchTensor } from '../onnx/batch-tensor.js';

/**
 * Rows that a lane scores both ways, at the beginning of a run. ONNX Runtime adds the trees of up to 50
 * rows in their order, however many threads it has.
 */
export const CHECKED_ROWS = 48;

/**
 * How far scores may be from those of ONNX Runtime where they are made by e^x: its own version of
 * that function depends on the machine. One step of a float32 between 0.5 and 1.
 */
const MAX_DIFFERENCE = 2 ** -24;

/**
 * What is different between outputs of a substitute and of the whole model in ONNX Runtime; undefined where nothing
 * is. Integers and texts must be the same, and all numbers where `exact`.
 */
export function substituteDifference(
  got: readonly BatchTensor[],
  wanted: readonly BatchTensor[],
  exact: boolean,
): string | undefined {
  for (const { name, type, width, data } of wanted) {
    const own = got.find((output) => output.name === name);
    if (own?.type !== type || own.width !== width || own.data.length !== data.length) {
      return `output "${name}" has another type or shape`;
    }
    for (let i = 0; i < data.length; i++) {
      if (isSame(own.data[i], data[i], exact)) continue;
      const row = Math.floor(i / width);
      return `output "${name}" of row ${row} is ${String(own.data[i])}, not ${String(data[i])}`;
    }
  }
  return undefined;
}

function isSame(got: unknown, wanted: unknown, exact: boolean): boolean {
  if (Object.is(got, wanted)) return true;
  if (exact || typeof got !== 'number' || typeof wanted !== 'number') return false;
  return Math.abs(got - wanted) <= MAX_DIFFERENCE * Math.max(1, Math.abs(wanted));
}
