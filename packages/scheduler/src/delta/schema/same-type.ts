import { mapScalars, parseType, type TypeTree } from '@shardmill/core';

/** Whether two of DuckDB's types are the same, however their names are quoted and spaced. */
export function sameType(a: string, b: string): boolean {
  return a === b || JSON.stringify(plain(parseType(a))) === JSON.stringify(plain(parseType(b)));
}

function plain(type: TypeTree): TypeTree {
  const bare = mapScalars(type, (name) => name.replaceAll(' ', ''));
  return unquoted(bare);
}

function unquoted(type: TypeTree): TypeTree {
  switch (type.kind) {
    case 'scalar':
      return type;
    case 'list':
      return { ...type, element: unquoted(type.element) };
    case 'map':
      return { ...type, key: unquoted(type.key), value: unquoted(type.value) };
    case 'struct':
      return {
        ...type,
        fields: type.fields.map(({ name, type: own }) => ({
          name: unquote(name),
          type: unquoted(own),
        })),
      };
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}

/** A name without the quotes that SQL needs. */
export function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
