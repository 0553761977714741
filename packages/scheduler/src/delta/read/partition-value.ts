/**
 * A partition value as the log has it, in a form that can be cast to the column's type.
 * @param type DuckDB's name of the column's type.
 * @returns undefined for one that is no value of the type, or is one only with a time zone that is
 *   not known.
 */
export function partitionValue(text: string | null, type: string): string | null | undefined {
  // An empty text is null, whatever the type.
  if (text === null || text === '') return null;
  if (type === 'VARCHAR') return text;
  if (type.startsWith('DECIMAL')) return NUMBER.test(text) ? text : undefined;
  switch (type) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
      return integer(text, type);
    case 'FLOAT':
    case 'DOUBLE':
      return NUMBER.test(text) || /^(NaN|-?Infinity)$/.test(text) ? text : undefined;
    case 'BOOLEAN':
      return /^(true|false)$/i.test(text) ? text : undefined;
    case 'DATE':
      return isDay(text) ? text : undefined;
    case 'TIMESTAMP':
      return TIME.test(text) && isDay(text.slice(0, 10)) ? text : undefined;
    case 'TIMESTAMP WITH TIME ZONE':
      return UTC_TIME.test(text) && isDay(text.slice(0, 10)) ? text : undefined;
    default:
      return undefined;
  }
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/;
const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

const BITS = { TINYINT: 8, SMALLINT: 16, INTEGER: 32, BIGINT: 64 } as const;

function integer(text: string, type: keyof typeof BITS): string | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(BITS[type], value) === value ? String(value) : undefined;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
