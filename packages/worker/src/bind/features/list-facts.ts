/** What is known of a list before any row is read. */
export interface ListFacts {
  /** Elements in every row; undefined where rows may differ. */
  readonly width: number | undefined;
  readonly element: ListFacts | undefined;
}

/** A type such as `FLOAT[384]` or `VARCHAR[][3]`, of which the last is the outermost list. */
export function listFactsOfType(type: string): ListFacts | undefined {
  const match = /^(.*)\[(\d*)\]$/s.exec(type);
  if (match === null) return undefined;
  const [, element = '', width = ''] = match;
  return { width: width === '' ? undefined : Number(width), element: listFactsOfType(element) };
}

/** Whether SQL finds anything at a place: it counts from 1, or from -1 backwards. */
export function hasElement(width: number | undefined, index: number): boolean {
  return index !== 0 && (width === undefined || Math.abs(index) <= width);
}

/**
 * Elements of `list[from:to]`, of which the bounds are cut off at the ends of the list.
 * @param from undefined for the beginning, `to` for the end.
 */
export function sliceWidth(
  width: number,
  from: number | undefined,
  to: number | undefined,
): number {
  const place = (index: number): number => (index < 0 ? index + width + 1 : index);
  const first = Math.max(1, from === undefined ? 1 : place(from));
  const last = Math.min(width, to === undefined ? width : place(to));
  return Math.max(0, last - first + 1);
}
