import { TYPES, type PhysicalType } from './encode-values.js';
import {
  bool,
  byte,
  i32,
  struct,
  type ThriftFields,
  type ThriftValue,
  binary,
} from './thrift-writer.js';

/** A node of a schema: a group where it has children. */
export interface SchemaNode {
  readonly name: string;
  readonly type?: PhysicalType;
  /** Bytes of a fixed one. */
  readonly length?: number;
  /** `optional` where left out. */
  readonly repetition?: 'required' | 'optional' | 'repeated';
  readonly converted?: Converted;
  readonly scale?: number;
  readonly precision?: number;
  readonly logical?: Logical;
  readonly children?: readonly SchemaNode[];
}

const REPETITIONS = { required: 0, optional: 1, repeated: 2 } as const;

/** The older annotations. */
const CONVERTED = {
  utf8: 0,
  map: 1,
  mapKeyValue: 2,
  list: 3,
  enum: 4,
  decimal: 5,
  date: 6,
  timeMillis: 7,
  timeMicros: 8,
  timestampMillis: 9,
  timestampMicros: 10,
  uint8: 11,
  uint16: 12,
  uint32: 13,
  uint64: 14,
  int8: 15,
  int16: 16,
  int32: 17,
  int64: 18,
  json: 19,
  bson: 20,
  interval: 21,
} as const;
type Converted = keyof typeof CONVERTED;

/** The newer ones, which a file may have alone. */
export type Logical =
  | 'string'
  | 'map'
  | 'list'
  | 'enum'
  | 'date'
  | 'null'
  | 'json'
  | 'bson'
  | 'uuid'
  | 'float16'
  | 'variant'
  | 'geometry'
  | 'geography'
  | { readonly decimal: { readonly precision: number; readonly scale: number } }
  | { readonly time: TimeUnit; readonly utc: boolean }
  | { readonly timestamp: TimeUnit; readonly utc: boolean }
  | { readonly int: 8 | 16 | 32 | 64; readonly signed: boolean };
type TimeUnit = 'millis' | 'micros' | 'nanos';

const PLAIN_LOGICAL = {
  string: 1,
  map: 2,
  list: 3,
  enum: 4,
  date: 6,
  null: 11,
  json: 12,
  bson: 13,
  uuid: 14,
  float16: 15,
  variant: 16,
  geometry: 17,
  geography: 18,
} as const;
const UNITS = { millis: 1, micros: 2, nanos: 3 } as const;

/** The list of elements that a footer has, depth first, under a root. */
export function schemaElements(columns: readonly SchemaNode[]): ThriftValue[] {
  const root = struct({ 4: binary('schema'), 5: i32(columns.length) });
  return [root, ...columns.flatMap(elementsOf)];
}

function elementsOf(node: SchemaNode): ThriftValue[] {
  const { children } = node;
  const fields: ThriftFields = {
    1: node.type === undefined ? undefined : i32(TYPES[node.type]),
    2: node.length === undefined ? undefined : i32(node.length),
    3: i32(REPETITIONS[node.repetition ?? 'optional']),
    4: binary(node.name),
    5: children === undefined ? undefined : i32(children.length),
    6: node.converted === undefined ? undefined : i32(CONVERTED[node.converted]),
    7: node.scale === undefined ? undefined : i32(node.scale),
    8: node.precision === undefined ? undefined : i32(node.precision),
    10: node.logical === undefined ? undefined : logicalOf(node.logical),
  };
  return [struct(fields), ...(children ?? []).flatMap(elementsOf)];
}

function logicalOf(logical: Logical): ThriftValue {
  if (typeof logical === 'string') return struct({ [PLAIN_LOGICAL[logical]]: struct({}) });
  if ('decimal' in logical) {
    const { precision, scale } = logical.decimal;
    return struct({ 5: struct({ 1: i32(scale), 2: i32(precision) }) });
  }
  if ('int' in logical) {
    return struct({ 10: struct({ 1: byte(logical.int), 2: bool(logical.signed) }) });
  }
  const unit = 'time' in logical ? logical.time : logical.timestamp;
  const member = struct({ 1: bool(logical.utc), 2: struct({ [UNITS[unit]]: struct({}) }) });
  return struct({ ['time' in logical ? 7 : 8]: member });
}

/** A leaf with its path from the root, and how deep its levels go. */
export interface LeafPath {
  readonly node: SchemaNode & { readonly type: PhysicalType };
  readonly path: readonly string[];
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** The leaves in the order of a row group's column chunks. */
export function leavesOf(
  columns: readonly SchemaNode[],
  above: Omit<LeafPath, 'node'> = { path: [], maxDefinition: 0, maxRepetition: 0 },
): LeafPath[] {
  return columns.flatMap((node) => {
    const place = {
      path: [...above.path, node.name],
      maxDefinition: above.maxDefinition + (node.repetition === 'required' ? 0 : 1),
      maxRepetition: above.maxRepetition + (node.repetition === 'repeated' ? 1 : 0),
    };
    if (node.children !== undefined) return leavesOf(node.children, place);
    const { type } = node;
    if (type === undefined) throw new TypeError(`${node.name} has neither a type nor children`);
    return [{ node: { ...node, type }, ...place }];
  });
}
