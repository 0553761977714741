/** How a file's writer counted days before 15 October 1582, the first of the Gregorian calendar. */
export interface WriterCalendar {
  /** Dates and timestamps are of the Julian calendar before that day. */
  readonly julian: boolean;
  /** Those in INT96 are. */
  readonly julianInt96: boolean;
  /** Whether the writer says so, or that they are not; only Spark does. */
  readonly known: boolean;
  /** The time zone that the writer converted timestamps in, where it says so. */
  readonly zone: string | undefined;
}

/**
 * The calendar that a footer's metadata implies, by Spark's own rule: before version 3.0 (3.1 for
 * INT96) it wrote the calendar that Java had before its version 8, and later with a mark.
 * @see https://github.com/apache/spark/blob/master/sql/core/src/main/scala/org/apache/spark/sql/execution/datasources/DataSourceUtils.scala
 */
export function writerCalendar(metadata: ReadonlyMap<string, string>): WriterCalendar {
  const version = /^(\d+)\.(\d+)/.exec(metadata.get('org.apache.spark.version') ?? '');
  if (version === null) {
    return { julian: false, julianInt96: false, known: false, zone: undefined };
  }
  const number = Number(version[1]) * 1000 + Number(version[2]);
  return {
    julian: number < 3000 || metadata.has('org.apache.spark.legacyDateTime'),
    julianInt96: number < 3001 || metadata.has('org.apache.spark.legacyINT96'),
    known: true,
    zone: metadata.get('org.apache.spark.timeZone'),
  };
}
