import {
  type Column,
  type ColumnTraits,
  columnTraits,
  type FileColumn,
  type Footer,
} from '@shardmill/core';

/** The columns of all files of one schema: as expressions see them, and what is to be known of each. */
export interface FileSchema {
  readonly columns: readonly FileColumn[];
  /** Of each column. */
  readonly traits: readonly (ColumnTraits | undefined)[];
}

/**
 * A file's columns with the types of what its values mean. DuckDB's own types are taken where the
 * footer does not say otherwise.
 * @param described the columns as DuckDB describes them, in the order of the schema.
 */
export function fileSchema(
  described: readonly Column[],
  { schema, calendar }: Pick<Footer, 'schema' | 'calendar'>,
): FileSchema {
  const all = columnTraits(schema);
  const known = all.length === described.length;
  const traits = described.map((_, index) => (known ? all[index] : undefined));
  const columns = described.map((column, index): FileColumn => {
    const { stored, calendar: kind } = traits[index] ?? {};
    if (stored !== undefined) return { name: column.name, type: stored.type, stored: stored.form };
    return isJulian(kind, calendar) && isRebased(kind, calendar)
      ? { ...column, stored: 'julian' }
      : column;
  });
  return { columns, traits };
}

/** Without how they are stored: what expressions need to know. */
export function plainColumns(columns: readonly FileColumn[]): Column[] {
  return columns.map(({ name, type }) => ({ name, type }));
}

/** Whether the writer counted a column's days before 1582 by the Julian calendar, and says so. */
export function isJulian(kind: ColumnTraits['calendar'], calendar: Footer['calendar']): boolean {
  return kind !== undefined && (kind === 'int96' ? calendar.julianInt96 : calendar.julian);
}

/** A timestamp's day depends on the zone that it was converted in. */
export function isRebased(
  kind: ColumnTraits['calendar'],
  { zone = '' }: Footer['calendar'],
): boolean {
  return kind === 'date' || /^(Etc\/)?(UTC|UCT|GMT|Z|Zulu)$|^[+]00:00$/.test(zone);
}
