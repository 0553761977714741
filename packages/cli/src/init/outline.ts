import { wrapText } from '../ui/text/text-layout.js';

/**
 * A job definition as a tree with comments, from which the TypeScript and the YAML form are
 * written. Strings, numbers and booleans are values; `inner` makes an object.
 */
export interface Entry {
  readonly key: string;
  readonly value: Value;
  /** Lines above the entry. */
  readonly comment?: string | undefined;
  /** Written as a comment: an option at its default, or an example. */
  readonly off?: boolean | undefined;
  /** A blank line above. */
  readonly gap?: boolean | undefined;
}

export type Value =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | { readonly inner: readonly Entry[] };

export function isObject(value: Value): value is { readonly inner: readonly Entry[] } {
  return typeof value === 'object' && 'inner' in value;
}

const COMMENT_WIDTH = 96;
/** All that end a line, and so a comment, in JavaScript or YAML: a column's name may have any. */
const LINE_BREAKS = /\r\n|[\n\r\u0085\u2028\u2029]/;

/** The lines of an entry's comment, wrapped; what is indented is code, and stays as it is. */
export function commentLines(comment: string | undefined, indent: number): string[] {
  return (comment ?? '')
    .split(LINE_BREAKS)
    .filter(Boolean)
    .flatMap((line) =>
      line.startsWith(' ') ? [line] : wrapText(line, COMMENT_WIDTH - indent, 0).split('\n'),
    );
}
