import { type Column, NameIndex, type Predicate, type PredicateValue } from '@shardmill/core';
import { get, isNode, type SqlNode } from './parse-expression.js';

const UNKNOWN: Predicate = { kind: 'unknown' };

/**
 * The part of a condition that column statistics can decide. A comparison is taken only where
 * DuckDB compares the column's values as they are stored, without a cast of the column.
 */
export function predicateOf(tree: SqlNode, columns: readonly Column[]): Predicate {
  const index = new NameIndex(columns);
  return toPredicate(tree, (name) => {
    const [column, another] = index.find(name);
    return another === undefined ? column : undefined;
  });
}

type Lookup = (name: string) => Column | undefined;

function toPredicate(node: unknown, lookup: Lookup): Predicate {
  if (!isNode(node)) return UNKNOWN;
  const type = String(node['type']);
  switch (type) {
    case 'CONJUNCTION_AND':
    case 'CONJUNCTION_OR': {
      const terms = children(node).map((child) => toPredicate(child, lookup));
      return { kind: type === 'CONJUNCTION_AND' ? 'and' : 'or', terms };
    }
    case 'COMPARE_EQUAL':
    case 'COMPARE_NOTEQUAL':
    case 'COMPARE_LESSTHAN':
    case 'COMPARE_LESSTHANOREQUALTO':
    case 'COMPARE_GREATERTHAN':
    case 'COMPARE_GREATERTHANOREQUALTO':
      return comparison(OPERATORS[type], node['left'], node['right'], lookup);
    case 'COMPARE_BETWEEN':
      return {
        kind: 'and',
        terms: [
          comparison('>=', node['input'], node['lower'], lookup),
          comparison('<=', node['input'], node['upper'], lookup),
        ],
      };
    case 'COMPARE_IN': {
      const [column, ...values] = children(node);
      return { kind: 'or', terms: values.map((value) => comparison('=', column, value, lookup)) };
    }
    case 'OPERATOR_IS_NULL':
    case 'OPERATOR_IS_NOT_NULL': {
      const column = columnOf(children(node)[0], lookup);
      if (column === undefined) return UNKNOWN;
      const kind = type === 'OPERATOR_IS_NULL' ? 'is-null' : 'is-not-null';
      return { kind, column: column.name };
    }
    default:
      return UNKNOWN;
  }
}

type Operator = Extract<Predicate, { kind: 'compare' }>['op'];

const OPERATORS = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '!=',
  COMPARE_LESSTHAN: '<',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHAN: '>',
  COMPARE_GREATERTHANOREQUALTO: '>=',
} as const satisfies Record<string, Operator>;

const MIRRORED: Record<Operator, Operator> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function comparison(op: Operator, left: unknown, right: unknown, lookup: Lookup): Predicate {
  const column = columnOf(left, lookup);
  if (column !== undefined) return compareColumn(op, column, right);
  const mirrored = columnOf(right, lookup);
  return mirrored === undefined ? UNKNOWN : compareColumn(MIRRORED[op], mirrored, left);
}

function compareColumn(op: Operator, column: Column, constant: unknown): Predicate {
  const value = constantFor(column.type, constant);
  if (value === undefined) return UNKNOWN;
  return { kind: 'compare', column: column.name, op, value };
}

function columnOf(node: unknown, lookup: Lookup): Column | undefined {
  const names = get(node, 'class') === 'COLUMN_REF' ? get(node, 'column_names') : undefined;
  if (!Array.isArray(names)) return undefined;
  const [first, second] = names.map(String);
  if (names.length === 1 && first !== undefined) return lookup(first);
  if (names.length === 2 && first?.toLowerCase() === 'input') return lookup(second ?? '');
  return undefined;
}

function children(node: SqlNode): unknown[] {
  return Array.isArray(node['children']) ? node['children'] : [];
}

const INTEGER = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/;

/** The constant in the column's own terms, or undefined where DuckDB might convert the column. */
function constantFor(columnType: string, node: unknown): PredicateValue | undefined {
  const literal = literalOf(node);
  if (literal === undefined) return undefined;
  const { type, scale, value, cast } = literal;
  // `true` is parsed as CAST('t' AS BOOLEAN).
  if (cast === 'BOOLEAN' && (value === 't' || value === 'f')) {
    return columnType === 'BOOLEAN' ? { type: 'bool', value: value === 't' } : undefined;
  }
  if (typeof value === 'string' && type === 'VARCHAR') {
    if (columnType === 'VARCHAR' && cast === undefined) return { type: 'text', value };
    if (columnType === 'DATE' && (cast === undefined || cast === 'DATE')) return dateOf(value);
    if (columnType === 'TIMESTAMP' && (cast === undefined || cast === 'TIMESTAMP')) {
      return timestampOf(value);
    }
    return undefined;
  }
  if (typeof value !== 'number' || cast !== undefined) return undefined;
  if (type === 'DOUBLE') return numberFor(columnType, value);
  if (!Number.isSafeInteger(value)) return undefined;
  if (INTEGER.test(type)) {
    if (INTEGER.test(columnType)) return { type: 'integer', value: BigInt(value) };
    return numberFor(columnType, value);
  }
  return type === 'DECIMAL' ? numberFor(columnType, value / 10 ** scale) : undefined;
}

/** A number compares exactly with a float column only if the float can hold it. */
function numberFor(columnType: string, value: number): PredicateValue | undefined {
  if (!Number.isFinite(value)) return undefined;
  const comparable =
    columnType === 'DOUBLE' ||
    INTEGER.test(columnType) ||
    columnType.startsWith('DECIMAL') ||
    (columnType === 'FLOAT' && Math.fround(value) === value);
  return comparable ? { type: 'number', value } : undefined;
}

interface Literal {
  readonly type: string;
  readonly scale: number;
  readonly value: unknown;
  readonly cast: string | undefined;
}

function literalOf(node: unknown): Literal | undefined {
  if (get(node, 'class') === 'CAST' && get(node, 'try_cast') === false) {
    const inner = literalOf(get(node, 'child'));
    if (inner === undefined || inner.cast !== undefined) return undefined;
    return { ...inner, cast: String(get(get(node, 'cast_type'), 'id')) };
  }
  const value = get(node, 'value');
  if (get(node, 'type') !== 'VALUE_CONSTANT' || get(value, 'is_null') === true) return undefined;
  const type = get(value, 'type');
  return {
    type: String(get(type, 'id')),
    scale: Number(get(get(type, 'type_info'), 'scale') ?? 0),
    value: get(value, 'value'),
    cast: undefined,
  };
}

const DAY_MS = 86_400_000;

function dateOf(text: string): PredicateValue | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) ? undefined : { type: 'date', days: time / DAY_MS };
}

function timestampOf(text: string): PredicateValue | undefined {
  if (!/^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?$/.test(text)) return undefined;
  const iso = text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T');
  const time = Date.parse(`${iso}Z`);
  return Number.isNaN(time) ? undefined : { type: 'timestamp', micros: BigInt(time) * 1000n };
}
