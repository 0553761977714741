import type { StoredForm } from '@shardmill/core';

/**
 * What a column's values mean, from how they are stored.
 * @param column the quoted name.
 * @param type of the result, as the plan has it.
 */
export function storedMeaning(column: string, type: string, form: StoredForm): string {
  switch (form) {
    case 'utf8':
      return `decode(${column})`;
    case 'days':
      return `(DATE '1970-01-01' + ${column})`;
    case 'unsigned':
      return unsigned(column, type);
    case 'unscaled':
      return unscaled(column, type);
    case 'julian':
      return rebased(column, type);
    default: {
      const unknown: never = form;
      return unknown;
    }
  }
}

/** A negative number stands for one of the upper half. */
function unsigned(column: string, type: string): string {
  if (type === 'UTINYINT' || type === 'USMALLINT') return `CAST(${column} AS ${type})`;
  const half = type === 'UINTEGER' ? 2n ** 32n : 2n ** 64n;
  const wide = type === 'UINTEGER' ? 'BIGINT' : 'HUGEINT';
  const value = `CAST(${column} AS ${wide})`;
  return `CAST(CASE WHEN ${column} < 0 THEN ${value} + ${half} ELSE ${value} END AS ${type})`;
}

/** A product of decimals is exact; up to 19 digits and a factor of as many have room in 38. */
function unscaled(column: string, type: string): string {
  const scale = Number(/,\s*(\d+)\)$/.exec(type)?.[1] ?? 0);
  const integer = `CAST(${column} AS DECIMAL(19,0))`;
  if (scale === 0) return `CAST(${integer} AS ${type})`;
  const unit = `CAST('0.${'1'.padStart(scale, '0')}' AS DECIMAL(${scale},${scale}))`;
  return `CAST(${integer} * ${unit} AS ${type})`;
}

/**
 * The day of the same name in the Gregorian calendar: a date that was written as 4 October 1582
 * stays 4 October 1582, which is ten days earlier than the day that was stored. A 29 February that
 * the Gregorian calendar lacks becomes 1 March, as in Spark.
 */
function rebased(column: string, type: string): string {
  const isDate = type === 'DATE';
  const day = isDate
    ? `datediff('day', DATE '1970-01-01', ${column})`
    : `CAST(floor(epoch_us(${column}) / 86400000000.0) AS BIGINT)`;
  // Years that begin in March, so that the leap day is their last; year 0 begins at -719470.
  const year = `floor((4.0 * (${day} + 719470) + 3) / 1461)`;
  const shift = `CAST(2 - floor(${year} / 100) + floor(${year} / 400) AS INTEGER)`;
  const moved = isDate ? `${column} + ${shift}` : `${column} + to_days(${shift})`;
  return `CASE WHEN ${day} < -141427 THEN ${moved} ELSE ${column} END`;
}
