/** So many numbers are looked at at once: they stay in the processor's cache. */
export const BLOCK_NUMBERS = 512;

/**
 * Finite doubles beside their bits. Several collectors look at one block, one after the other, so that
 * each has a short loop of its own.
 */
export class FloatBlock {
  readonly values = new Float64Array(BLOCK_NUMBERS);
  /** Of each value the lower word, and then the upper one. */
  readonly words = new Int32Array(this.values.buffer);
  /** How many values there are. */
  length = 0;
}
