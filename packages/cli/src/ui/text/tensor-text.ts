/** `[N, 30]`: the batch is N, a dimension that the model leaves open is its name or `?`. */
export function shapeText(shape: readonly (number | string)[]): string {
  const dimensions = shape.map((dimension, i) => {
    const open = typeof dimension === 'string' || dimension < 0;
    if (i === 0 && open) return 'N';
    if (!open) return String(dimension);
    return typeof dimension === 'string' && dimension !== '' ? dimension : '?';
  });
  return `[${dimensions.join(', ')}]`;
}
