import { ShardmillError, unreachable } from '@shardmill/core';
import { z } from 'zod';

/** A column's type as a table's schema writes it. */
export type TableType =
  | string
  | { readonly type: 'struct'; readonly fields: readonly TableField[] }
  | { readonly type: 'array'; readonly elementType: TableType; readonly containsNull: boolean }
  | {
      readonly type: 'map';
      readonly keyType: TableType;
      readonly valueType: TableType;
      readonly valueContainsNull: boolean;
    };

export interface TableField {
  readonly name: string;
  readonly type: TableType;
  readonly nullable: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const type: z.ZodType<TableType> = z.lazy(() =>
  z.union([
    z.string(),
    z.object({ type: z.literal('struct'), fields: z.array(field) }),
    z.object({ type: z.literal('array'), elementType: type, containsNull: z.boolean() }),
    z.object({
      type: z.literal('map'),
      keyType: type,
      valueType: type,
      valueContainsNull: z.boolean(),
    }),
  ]),
);

const field: z.ZodType<TableField> = z.object({
  name: z.string().min(1),
  type,
  nullable: z.boolean(),
  metadata: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((given) => given ?? {}),
});

const schema = z.object({ type: z.literal('struct'), fields: z.array(field) });

/** Levels of nested types; a schema that goes on for ever must not use up the stack. */
const MAX_DEPTH = 50;

/** The columns of a table. @throws TABLE_LOG_DAMAGED */
export function parseTableSchema(schemaString: string, where: string): readonly TableField[] {
  const damaged = (why: string): ShardmillError =>
    new ShardmillError('TABLE_LOG_DAMAGED', `the schema of the table ${why}`, { where });
  let json: unknown;
  try {
    json = JSON.parse(schemaString);
  } catch {
    throw damaged('is no JSON');
  }
  if (depthOf(schemaString) > 4 * MAX_DEPTH) throw damaged(`has more than ${MAX_DEPTH} levels`);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data.fields;
  throw damaged(`is none: ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
}

/** Brackets that are open at once, those in names among them: an upper bound. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const letter of text) {
    if (letter === '{' || letter === '[') deepest = Math.max(deepest, ++depth);
    else if (letter === '}' || letter === ']') depth--;
  }
  return deepest;
}

/** All fields of a schema, those within other types among them. */
export function* allFields(fields: readonly TableField[]): Generator<TableField> {
  for (const one of fields) {
    yield one;
    yield* fieldsWithin(one.type);
  }
}

function* fieldsWithin(within: TableType): Generator<TableField> {
  if (typeof within === 'string') return;
  switch (within.type) {
    case 'struct':
      yield* allFields(within.fields);
      return;
    case 'array':
      yield* fieldsWithin(within.elementType);
      return;
    case 'map':
      yield* fieldsWithin(within.keyType);
      yield* fieldsWithin(within.valueType);
      return;
    default:
      unreachable(within, 'type');
  }
}
