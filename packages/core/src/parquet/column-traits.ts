import type { StoredForm } from '../plan/stored-form.js';
import { type ParquetSchema, REPEATED, type SchemaElement } from './parquet-schema.js';

/** What a top-level column means beyond the type that DuckDB reads it as. */
export interface ColumnTraits {
  /** How its values are stored, where DuckDB does not know the annotation that says so. */
  readonly stored: StoredValues | undefined;
  /** Why its values cannot be read as what they are; undefined where they can. */
  readonly unsupported: string | undefined;
  /** What is lost when it is read, each as the end of a sentence about the column. */
  readonly losses: readonly string[];
  /** Values that depend on the calendar of their writer. */
  readonly calendar: CalendarKind | undefined;
}

export interface StoredValues {
  readonly form: Exclude<StoredForm, 'julian'>;
  /** DuckDB's type of what the values mean. */
  readonly type: string;
}

export type CalendarKind = 'date' | 'timestamp' | 'int96';

const NO_TRAITS: ColumnTraits = {
  stored: undefined,
  unsupported: undefined,
  losses: [],
  calendar: undefined,
};

/**
 * The traits of each top-level column. DuckDB 1.5 goes by the older annotation (ConvertedType);
 * of the newer one (LogicalType), which a file may have alone, it knows times, UUID, FLOAT16,
 * VARIANT and geometries.
 */
export function columnTraits({ elements }: ParquetSchema): ColumnTraits[] {
  const traits: ColumnTraits[] = [];
  for (let index = 1; index < elements.length; ) {
    const column = elements[index];
    if (column === undefined) break;
    if (column.children === 0 && column.repetition !== REPEATED) {
      traits.push(scalarTraits(column));
      index++;
    } else {
      const found: NestedFindings = { unsupported: undefined, losses: new Set() };
      index = visitNested(elements, index, undefined, found);
      const { unsupported, losses } = found;
      traits.push({ ...NO_TRAITS, unsupported, losses: [...losses] });
    }
  }
  return traits;
}

function scalarTraits(element: SchemaElement): ColumnTraits {
  const { converted } = element;
  const unsupported = tooWide(element);
  if (unsupported !== undefined) return { ...NO_TRAITS, unsupported };
  const stored = converted === -1 ? storedValues(element) : undefined;
  const calendar = calendarOf(element);
  if (stored !== undefined) return { ...NO_TRAITS, stored, calendar };
  if (converted === -1 && isDecimal(element)) {
    return {
      ...NO_TRAITS,
      unsupported: 'it is a DECIMAL in bytes that only the LogicalType declares',
    };
  }
  return { ...NO_TRAITS, calendar, losses: lossesOf(element) };
}

function tooWide(element: SchemaElement): string | undefined {
  const precision = Math.max(element.precision, element.logical?.precision ?? 0);
  if (!isDecimal(element) || precision <= MAX_DECIMAL_DIGITS) return undefined;
  return `it is a DECIMAL of ${precision} digits, of which at most ${MAX_DECIMAL_DIGITS} are read`;
}

function isDecimal({ converted, logical }: SchemaElement): boolean {
  return converted === CONVERTED_DECIMAL || logical?.id === DECIMAL;
}

function storedValues({ type, logical }: SchemaElement): StoredValues | undefined {
  if (logical === undefined) return undefined;
  if (type === BYTE_ARRAY && TEXTS.has(logical.id)) return { form: 'utf8', type: 'VARCHAR' };
  if (type === INT32 && logical.id === DATE) return { form: 'days', type: 'DATE' };
  if (type !== INT32 && type !== INT64) return undefined;
  if (logical.id === DECIMAL) {
    const { precision, scale } = logical;
    if (precision < 1 || precision > 18 || scale < 0 || scale > precision) return undefined;
    return { form: 'unscaled', type: `DECIMAL(${precision},${scale})` };
  }
  const unsigned = logical.id === INTEGER && !logical.signed ? UNSIGNED[logical.bits] : undefined;
  return unsigned === undefined ? undefined : { form: 'unsigned', type: unsigned };
}

const UNSIGNED: Readonly<Record<number, string>> = {
  8: 'UTINYINT',
  16: 'USMALLINT',
  32: 'UINTEGER',
  64: 'UBIGINT',
};

function calendarOf({ type, converted, logical }: SchemaElement): CalendarKind | undefined {
  if (type === INT96) return 'int96';
  if (type === INT32 && (converted === CONVERTED_DATE || logical?.id === DATE)) return 'date';
  const timestamp =
    logical?.id === TIMESTAMP || converted === TIMESTAMP_MILLIS || converted === TIMESTAMP_MICROS;
  return type === INT64 && timestamp ? 'timestamp' : undefined;
}

function lossesOf({ logical }: SchemaElement): string[] {
  if (logical === undefined) return [];
  if ((logical.id === TIME || logical.id === TIMESTAMP) && logical.unit === NANOS && logical.utc) {
    return ['has nanoseconds in UTC, which are cut to microseconds'];
  }
  if (logical.id === GEOGRAPHY) return ['is GEOGRAPHY, which is read as GEOMETRY'];
  return [];
}

interface NestedFindings {
  unsupported: string | undefined;
  readonly losses: Set<string>;
}

/** Examines an element and all that is below it. @returns the index of what comes next. */
function visitNested(
  elements: readonly SchemaElement[],
  index: number,
  parent: SchemaElement | undefined,
  found: NestedFindings,
): number {
  const element = elements[index];
  if (element === undefined) return index + 1;
  if (element.children === 0) {
    visitNestedLeaf(element, found);
    return index + 1;
  }
  for (const loss of shapeLosses(element, parent, elements[index + 1])) found.losses.add(loss);
  let next = index + 1;
  for (let i = 0; i < element.children; i++) next = visitNested(elements, next, element, found);
  return next;
}

function visitNestedLeaf(element: SchemaElement, found: NestedFindings): void {
  const { converted } = element;
  const stored = converted === -1 ? storedValues(element) : undefined;
  found.unsupported ??= tooWide(element);
  if (stored?.form === 'utf8' || stored?.form === 'days') {
    const read = stored.form === 'utf8' ? 'BLOB' : 'INTEGER';
    found.losses.add(`has ${stored.type} within it that is read as ${read}`);
  } else if (stored !== undefined || (converted === -1 && isDecimal(element))) {
    found.unsupported ??=
      'it has numbers within it of which only the LogicalType declares the meaning';
  } else for (const loss of lossesOf(element)) found.losses.add(loss);
  if (calendarOf(element) === 'int96') found.losses.add(INT96_LOSS);
}

/** Said of INT96, which has nanoseconds whether its writer had them or not. */
export const INT96_LOSS = 'is INT96, of which nanoseconds are cut to microseconds';

/** What of a group's own shape is lost; `child` is its first one. */
function shapeLosses(
  element: SchemaElement,
  parent: SchemaElement | undefined,
  child: SchemaElement | undefined,
): string[] {
  const { converted, logical, children, repetition, name } = element;
  if (converted === -1 && (logical?.id === LIST || logical?.id === MAP)) {
    return [`is a ${logical.id === LIST ? 'list' : 'map'} that is read as the struct around it`];
  }
  if (children > 1 || repetition !== REPEATED) return [];
  const listed = parent !== undefined && parent.converted >= 1 && parent.converted <= 3;
  // By the format's rules these names say that the repeated group itself is the element.
  const isElement = !listed || name === 'array' || name === `${parent.name}_tuple`;
  return isElement && parent?.logical?.id !== LIST && parent?.logical?.id !== MAP
    ? [
        `is a list of structs of one field "${child?.name ?? ''}", which is read as a list of that field`,
      ]
    : [];
}

const MAX_DECIMAL_DIGITS = 38;

// Physical types.
const [INT32, INT64, INT96, BYTE_ARRAY] = [1, 2, 3, 6];
// Members of LogicalType.
const [MAP, LIST, DECIMAL, DATE, TIME, TIMESTAMP, INTEGER, GEOGRAPHY] = [2, 3, 5, 6, 7, 8, 10, 18];
/** STRING, ENUM and JSON. */
const TEXTS: ReadonlySet<number> = new Set([1, 4, 12]);
/** A member of TimeUnit. */
const NANOS = 3;
// Members of ConvertedType.
const [CONVERTED_DECIMAL, CONVERTED_DATE, TIMESTAMP_MILLIS, TIMESTAMP_MICROS] = [5, 6, 9, 10];
