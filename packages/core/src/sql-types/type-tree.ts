/** A column type as DuckDB writes it, taken apart: a scalar, a list, a struct or a map. */
export type TypeTree =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'list'; readonly element: TypeTree; readonly suffix: string }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] }
  | { readonly kind: 'map'; readonly key: TypeTree; readonly value: TypeTree };

export interface StructField {
  /** As it is written: in quotes where it needs them. */
  readonly name: string;
  readonly type: TypeTree;
}

/** The type of what is null in every row, as DuckDB writes it; it goes with every other type. */
export const NULL_TYPE = '"NULL"';

/** @returns a scalar for whatever is not understood, so that it is compared as a whole. */
export function parseType(text: string): TypeTree {
  const list = /^(.*)(\[\d*\])$/s.exec(text);
  if (list?.[1] !== undefined && list[2] !== undefined) {
    return { kind: 'list', element: parseType(list[1]), suffix: list[2] };
  }
  const nested = /^(STRUCT|MAP)\((.*)\)$/s.exec(text);
  const items = nested?.[2] === undefined ? undefined : splitItems(nested[2]);
  if (items === undefined) return { kind: 'scalar', name: text };
  if (nested?.[1] === 'MAP') {
    const [key, value] = items;
    if (key === undefined || value === undefined || items.length > 2) {
      return { kind: 'scalar', name: text };
    }
    return { kind: 'map', key: parseType(key), value: parseType(value) };
  }
  const fields = items.map((item) => /^("(?:[^"]|"")*"|[^\s"]+) (.*)$/s.exec(item));
  if (fields.some((field) => field === null)) return { kind: 'scalar', name: text };
  return {
    kind: 'struct',
    fields: fields.map((field) => ({ name: field?.[1] ?? '', type: parseType(field?.[2] ?? '') })),
  };
}

export function formatType(type: TypeTree): string {
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'list':
      return `${formatType(type.element)}${type.suffix}`;
    case 'map':
      return `MAP(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'struct':
      return `STRUCT(${type.fields.map(({ name, type: of }) => `${name} ${formatType(of)}`).join(', ')})`;
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}

/** The same type with another scalar in place of each. */
export function mapScalars(type: TypeTree, change: (name: string) => string): TypeTree {
  switch (type.kind) {
    case 'scalar':
      return { kind: 'scalar', name: change(type.name) };
    case 'list':
      return { ...type, element: mapScalars(type.element, change) };
    case 'map':
      return {
        kind: 'map',
        key: mapScalars(type.key, change),
        value: mapScalars(type.value, change),
      };
    case 'struct':
      return {
        kind: 'struct',
        fields: type.fields.map(({ name, type: of }) => ({ name, type: mapScalars(of, change) })),
      };
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}

/** Splits at the commas that are neither in parentheses nor in quotes; undefined where they do not match. */
function splitItems(text: string): string[] | undefined {
  const items: string[] = [];
  let [depth, quoted, start] = [0, false, 0];
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (letter === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (letter === '(') depth++;
    else if (letter === ')') depth--;
    else if (letter === ',' && depth === 0) {
      items.push(text.slice(start, i).trim());
      start = i + 1;
    }
    if (depth < 0) return undefined;
  }
  if (depth !== 0 || quoted) return undefined;
  return [...items, text.slice(start).trim()];
}
