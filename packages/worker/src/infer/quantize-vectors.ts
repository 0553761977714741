/** The largest value of an element, and with its sign the smallest: -128 is not used. */
const MAX_ELEMENT = 127;

/** Vectors as whole numbers of 8 bits: `values * scale` is about what they were. */
export interface QuantizedVectors {
  /** [rows, width] */
  readonly values: Int8Array;
  /** [rows] */
  readonly scales: Float32Array;
}

/**
 * Quantizes each vector by its own greatest element, symmetrically: `scale = max(|x|) / 127` and
 * `value = round(x / scale)`. A vector of zeros has the scale 0. One with an element that is not
 * finite has the scale NaN, so that it is not taken for another.
 * @param vectors [rows, width], row-major.
 */
export function quantizeVectors(
  vectors: Float32Array,
  rows: number,
  width: number,
): QuantizedVectors {
  const values = new Int8Array(rows * width);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * width, (row + 1) * width];
    let most = 0;
    // NaN stays NaN.
    for (let at = start; at < end; at++) most = Math.max(most, Math.abs(vectors[at] ?? 0));
    const scale = Math.fround(Number.isFinite(most) ? most / MAX_ELEMENT : Number.NaN);
    scales[row] = scale;
    if (!(scale > 0)) continue;
    for (let at = start; at < end; at++) {
      const value = Math.round((vectors[at] ?? 0) / scale);
      // Of the smallest floats, the scale itself is rounded by as much as half of it.
      values[at] = Math.max(-MAX_ELEMENT, Math.min(MAX_ELEMENT, value));
    }
  }
  return { values, scales };
}
