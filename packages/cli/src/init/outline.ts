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
  | { readonly inner: readonly Entry[] };

export function isObject(value: Value): value is { readonly inner: readonly Entry[] } {
  return typeof value === 'object' && 'inner' in value;
}
