import { int96, parquetBytes, type SchemaNode, type Value } from '@shardmill/test-kit/parquet-file';
import { type CorpusEntry, type Right, testCorpus } from './corpus.js';

/** Days before 15 October 1582, of which the meaning depends on the calendar of the writer. */

const DAY = 86_400_000_000;
/** Days since 1970 by the Gregorian calendar, as every date is shown. */
const gregorian = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

/** Days since 1970 of a date of the Julian calendar, by the Julian day number. */
function julian(year: number, month: number, day: number): number {
  const shift = Math.floor((14 - month) / 12);
  const [y, m] = [year + 4800 - shift, month + 12 * shift - 3];
  const number = day + Math.floor((153 * m + 2) / 5) + 365 * y + Math.floor(y / 4) - 32083;
  return number - 2_440_588;
}

const OLD = [
  [1582, 10, 4, '1582-10-04'],
  [1500, 3, 1, '1500-03-01'],
  [1500, 2, 28, '1500-02-28'],
  // The Gregorian calendar has no such day: Spark takes the next one.
  [1500, 2, 29, '1500-03-01'],
  [1200, 2, 29, '1200-02-29'],
  [1000, 1, 1, '1000-01-01'],
  [200, 3, 1, '0200-03-01'],
  [100, 2, 28, '0100-02-28'],
  [1, 1, 1, '0001-01-01'],
] as const;
const NEW = ['1582-10-15', '1600-02-29', '1900-01-01', '1970-01-01', '2026-11-25'];

const stored = [...OLD.map(([y, m, d]) => julian(y, m, d)), ...NEW.map(gregorian)];
const at = (date: string, time = '00:00:00.000'): string => `${date}T${time}Z`;
const meant = [...OLD.map(([, , , date]) => date), ...NEW];
const asRead = stored.map((days) => new Date(days * 86_400_000).toISOString());

const SPARK_2 = { 'org.apache.spark.version': '2.4.8' };
const SPARK_3 = { 'org.apache.spark.version': '3.5.0' };
const LEGACY = { ...SPARK_3, 'org.apache.spark.legacyDateTime': '' };
const UTC = { 'org.apache.spark.timeZone': 'UTC' };

function entry(
  name: string,
  node: Omit<SchemaNode, 'name'>,
  values: readonly (Value | null)[],
  keyValues: Readonly<Record<string, string>>,
  right: Right,
  more: {
    readonly where?: string;
    readonly oldest?: number | bigint;
    readonly createdBy?: string;
  } = {},
): CorpusEntry {
  const { oldest, where, createdBy } = more;
  const bound = Buffer.alloc(node.type === 'int32' ? 4 : 8);
  const last = Buffer.alloc(bound.length, 0x7f);
  if (oldest !== undefined) {
    if (bound.length === 4) bound.writeInt32LE(Number(oldest));
    else bound.writeBigInt64LE(BigInt(oldest));
  }
  const file = parquetBytes({
    columns: [{ name: 'x', repetition: 'required', ...node }],
    chunks: [{ values, ...(oldest === undefined ? {} : { bounds: [bound, last] as const }) }],
    keyValues,
    ...(createdBy === undefined ? {} : { createdBy }),
  });
  return { name, file, right, ...(where === undefined ? {} : { where }) };
}

const date = { type: 'int32', converted: 'date' } as const;
const micros = { type: 'int64', converted: 'timestampMicros' } as const;
const dates = stored;
const timestamps = stored.map((days) => BigInt(days) * BigInt(DAY) + 1000n);
const int96s = stored.map((days) => int96(days, 1_000_000n));
const dateMeant = meant.map((day) => at(day));
const timeMeant = meant.map((day) => at(day, '00:00:00.001'));
const timeAsRead = asRead.map((text) => text.replace('.000Z', '.001Z'));
const unknownCalendar = /"x" has values before 15 October 1582.*Gregorian/;

testCorpus([
  entry("dates of Spark 2's are rebased", date, dates, SPARK_2, {
    values: dateMeant,
    type: 'DATE',
  }),
  entry(
    'dates of a newer Spark that says it kept to the old way are rebased',
    date,
    dates,
    LEGACY,
    {
      values: dateMeant,
    },
  ),
  entry("dates of Spark 3's stay as they are", date, dates, SPARK_3, { values: asRead }),
  entry(
    'dates of a writer that says nothing stay, and are spoken of',
    date,
    dates,
    {},
    {
      values: asRead,
      notices: [unknownCalendar],
    },
    { oldest: Math.min(...dates) },
  ),
  entry(
    'new dates of a writer that says nothing are not spoken of',
    date,
    [0, 1],
    {},
    {
      values: [at('1970-01-01'), at('1970-01-02')],
    },
    { oldest: 0 },
  ),
  entry(
    'dates that are rebased are not ruled out by their statistics',
    date,
    [julian(1500, 3, 1)],
    SPARK_2,
    {
      values: [at('1500-03-01')],
    },
    { where: "x <= DATE '1500-03-01'", oldest: julian(1500, 3, 1) },
  ),
  entry(
    'new dates of an old Spark are ruled out by their statistics',
    date,
    [0, 1],
    SPARK_2,
    {
      values: [],
    },
    { where: "x < DATE '1800-01-01'", oldest: 0 },
  ),

  entry(
    'timestamps of an old Spark in UTC are rebased',
    micros,
    timestamps,
    { ...SPARK_2, ...UTC },
    {
      values: timeMeant,
    },
  ),
  entry(
    'timestamps of an old Spark in another zone stay, and are spoken of',
    micros,
    timestamps,
    { ...SPARK_2, 'org.apache.spark.timeZone': 'America/Los_Angeles' },
    { values: timeAsRead, notices: [/"x" may have timestamps before 1900.*America\/Los_Angeles/] },
  ),
  entry(
    'timestamps of an old Spark that are not old are not spoken of',
    micros,
    [1000n],
    SPARK_2,
    {
      values: ['1970-01-01T00:00:00.001Z'],
    },
    { oldest: 1000n },
  ),
  entry("timestamps of Spark 3's stay as they are", micros, timestamps, SPARK_3, {
    values: timeAsRead,
  }),
  entry(
    'timestamps of a writer that says nothing stay, and are spoken of',
    micros,
    timestamps,
    {},
    {
      values: timeAsRead,
      notices: [unknownCalendar],
    },
    { oldest: timestamps.reduce((least, one) => (one < least ? one : least)) },
  ),

  entry(
    'INT96 of an old Spark in UTC is rebased',
    { type: 'int96' },
    int96s,
    { ...SPARK_2, ...UTC },
    {
      values: timeMeant,
    },
  ),
  entry(
    'INT96 of Spark 3.0 with its own way is rebased',
    { type: 'int96' },
    int96s,
    { 'org.apache.spark.version': '3.0.1', ...UTC },
    { values: timeMeant },
  ),
  entry(
    'INT96 of an old Spark in a zone that it does not record is noted',
    { type: 'int96' },
    int96s,
    SPARK_2,
    {
      values: timeAsRead,
      notices: [/"x" may have timestamps before 1900.*of its session/],
    },
  ),
  entry("INT96 of Spark 3's stays as it is", { type: 'int96' }, int96s, SPARK_3, {
    values: timeAsRead,
  }),
  entry(
    "dates of Java's library without Spark's word are spoken of",
    date,
    dates,
    {},
    {
      values: asRead,
      notices: [unknownCalendar],
    },
    { oldest: Math.min(...dates), createdBy: 'parquet-mr version 1.10.1' },
  ),
  entry(
    "dates of Arrow's writer are not: it has one calendar",
    date,
    dates,
    {},
    { values: asRead },
    { oldest: Math.min(...dates), createdBy: 'parquet-cpp-arrow version 24.0.0' },
  ),
]);
