import { LIST, STRUCT, ThriftReader } from './thrift-reader.js';

/** The leaf columns of a file, as far as planning needs them. */
export interface ParquetSchema {
  /** Leaves in the order of a row group's column chunks. */
  readonly leaves: readonly Leaf[];
  /** The whole tree, depth first; the first one is the root. */
  readonly elements: readonly SchemaElement[];
  /** Whether two top-level names differ only in case: DuckDB renames such columns. */
  readonly ambiguous: boolean;
}

export interface Leaf {
  /** Lower-case name of the top-level column that the leaf belongs to. */
  readonly column: string;
  /** Physical type, by the format's number. */
  readonly physical: number;
  /** What its statistics hold; undefined where nothing can be said from them. */
  readonly kind: StatisticsKind | undefined;
  /** Whether no value can be null. */
  readonly required: boolean;
}

/** How the bytes of a column's bounds are read. */
export type StatisticsKind =
  | { readonly kind: 'integer'; readonly bytes: 4 | 8; readonly signed: boolean }
  | { readonly kind: 'decimal'; readonly bytes: 4 | 8 | 'any'; readonly scale: number }
  | { readonly kind: 'float'; readonly bytes: 4 | 8 }
  | { readonly kind: 'bool' }
  | { readonly kind: 'text' }
  | { readonly kind: 'date' }
  | {
      readonly kind: 'timestamp';
      readonly unit: 'millis' | 'micros' | 'nanos';
      readonly zoned: boolean;
    };

/** Reads the list of schema elements of a footer. @throws RangeError where it is damaged. */
export function parseSchema(bytes: Uint8Array): ParquetSchema {
  const reader = new ThriftReader(bytes);
  reader.type = LIST;
  const length = reader.listLength();
  if (length > MAX_ELEMENTS) throw new RangeError(`the schema has ${length} elements`);
  reader.expect(STRUCT);
  const elements = Array.from({ length }, () => readElement(reader));
  const root = elements[0];
  if (root === undefined) throw new RangeError('the schema is empty');
  const leaves: Leaf[] = [];
  const names: string[] = [];
  let next = 1;
  for (let i = 0; i < root.children; i++) {
    const top = elements[next];
    if (top === undefined) throw new RangeError('the schema ends early');
    names.push(top.name);
    next = collectLeaves(elements, next, top.name, true, leaves);
  }
  return { leaves, elements, ambiguous: new Set(names).size < names.length };
}

function collectLeaves(
  elements: readonly SchemaElement[],
  index: number,
  column: string,
  top: boolean,
  leaves: Leaf[],
  depth = 0,
): number {
  const element = elements[index];
  if (element === undefined || depth > 64) throw new RangeError('the schema is not a tree');
  if (element.children === 0) {
    const flat = top && element.repetition !== REPEATED;
    leaves.push({
      column,
      physical: element.type,
      kind: flat ? kindOf(element) : undefined,
      required: flat && element.repetition === REQUIRED,
    });
    return index + 1;
  }
  let next = index + 1;
  for (let i = 0; i < element.children; i++) {
    next = collectLeaves(elements, next, column, false, leaves, depth + 1);
  }
  return next;
}

/** No schema of use has as many; a damaged one could claim one for each byte of the footer. */
const MAX_ELEMENTS = 1_000_000;

/** A node of the schema, with -1 where the footer does not say a number. */
export interface SchemaElement {
  readonly name: string;
  readonly type: number;
  readonly repetition: number;
  readonly children: number;
  readonly converted: number;
  readonly scale: number;
  readonly precision: number;
  readonly logical: LogicalType | undefined;
}
export interface LogicalType {
  readonly id: number;
  readonly unit: number;
  readonly utc: boolean;
  readonly signed: boolean;
  readonly scale: number;
  readonly precision: number;
  /** Width of an integer. */
  readonly bits: number;
}

const REQUIRED = 0;
export const REPEATED = 2;
/** A byte order mark is part of a name like any other character. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function readElement(reader: ThriftReader): SchemaElement {
  let [type, repetition, children, converted, scale, precision] = [-1, REQUIRED, 0, -1, 0, 0];
  let name = '';
  let logical: LogicalType | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 1) type = reader.integer();
    else if (id === 3) repetition = reader.integer();
    else if (id === 4) name = decoder.decode(reader.binary()).toLowerCase();
    else if (id === 5) children = reader.count();
    else if (id === 6) converted = reader.integer();
    else if (id === 7) scale = reader.integer();
    else if (id === 8) precision = reader.integer();
    else if (id === 10) logical = readLogicalType(reader);
    else reader.skip(reader.type);
  }
  return { name, type, repetition, children, converted, scale, precision, logical };
}

/** The union's member and those of its fields that decide what statistics mean. */
function readLogicalType(reader: ThriftReader): LogicalType | undefined {
  reader.expect(STRUCT);
  let logical: LogicalType | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (reader.type !== STRUCT) {
      reader.skip(reader.type);
      continue;
    }
    let [unit, scale, precision, bits] = [0, 0, 0, 0];
    let [signed, utc] = [true, true];
    for (let member = reader.field(0); member !== 0; member = reader.field(member)) {
      if (id === DECIMAL && member === 1) scale = reader.integer();
      else if (id === DECIMAL && member === 2) precision = reader.integer();
      else if (id === INTEGER && member === 1) bits = reader.byte();
      else if (id === INTEGER && member === 2) signed = reader.bool();
      else if ((id === TIME || id === TIMESTAMP) && member === 1) utc = reader.bool();
      else if ((id === TIME || id === TIMESTAMP) && member === 2) unit = readUnion(reader);
      else reader.skip(reader.type);
    }
    logical = { id, unit, utc, signed, scale, precision, bits };
  }
  return logical;
}

/** The id of a union's member, whose own content is empty. */
function readUnion(reader: ThriftReader): number {
  let member = 0;
  reader.expect(STRUCT);
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    member = id;
    reader.skip(reader.type);
  }
  return member;
}

// Physical types.
const [BOOLEAN, INT32, INT64, FLOAT, DOUBLE, BYTE_ARRAY, FIXED] = [0, 1, 2, 4, 5, 6, 7];
// Members of LogicalType.
const [STRING, DECIMAL, DATE, TIME, TIMESTAMP, INTEGER] = [1, 5, 6, 7, 8, 10];
const UNITS = { 1: 'millis', 2: 'micros', 3: 'nanos' } as const;

function kindOf(element: SchemaElement): StatisticsKind | undefined {
  const { type, converted, logical } = element;
  const meaning = logical?.id ?? fromConverted(converted);
  if (type === BOOLEAN) return { kind: 'bool' };
  if (type === FLOAT || type === DOUBLE) return { kind: 'float', bytes: type === FLOAT ? 4 : 8 };
  if (type === BYTE_ARRAY && meaning === STRING) return { kind: 'text' };
  const integer = type === INT32 || type === INT64;
  const bytes = type === INT32 ? 4 : 8;
  if (meaning === DECIMAL && (integer || type === BYTE_ARRAY || type === FIXED)) {
    return {
      kind: 'decimal',
      bytes: integer ? bytes : 'any',
      scale: logical?.scale ?? element.scale,
    };
  }
  if (type === INT32 && meaning === DATE) return { kind: 'date' };
  if (type === INT64 && meaning === TIMESTAMP) {
    const unit = logical?.unit ?? converted - 8;
    return unit === 1 || unit === 2 || unit === 3
      ? { kind: 'timestamp', unit: UNITS[unit], zoned: logical?.utc ?? true }
      : undefined;
  }
  if (integer && (meaning === undefined || meaning === INTEGER)) {
    return {
      kind: 'integer',
      bytes,
      signed: logical?.signed ?? !(converted >= 11 && converted <= 14),
    };
  }
  return undefined;
}

/** ConvertedType, the older annotation, as the member of LogicalType that replaced it. */
function fromConverted(converted: number): number | undefined {
  if (converted === -1) return undefined;
  if (converted === 0) return STRING;
  if (converted === 5) return DECIMAL;
  if (converted === 6) return DATE;
  if (converted === 9 || converted === 10) return TIMESTAMP;
  return converted >= 11 && converted <= 18 ? INTEGER : 0;
}
