import {
  type ColumnTraits,
  type Footer,
  type FooterRowGroup,
  INT96_LOSS,
  type UndecodableChunk,
} from '@shardmill/core';
import { type FileSchema, isJulian, isRebased } from './file-columns.js';
import { GREGORIAN_DAY, mayLieBefore } from './julian-bounds.js';
import { decodeBounds } from './row-group-statistics.js';

/** What a file's footer tells of the columns that are used. */
export interface FooterFindings {
  /** Why the file cannot be scored: the first column that cannot be read. */
  readonly unsupported: string | undefined;
  /** What is not as it was written, each with the column that it is said of. */
  readonly notices: readonly ColumnNotice[];
}

export interface ColumnNotice {
  readonly column: string;
  readonly text: string;
}

const NOTHING: FooterFindings = { unsupported: undefined, notices: [] };

/**
 * Holds the columns that are used against what can be read.
 * @param kept the row groups that are read.
 */
export function footerFindings(
  footer: Footer,
  schema: FileSchema,
  used: ReadonlySet<string>,
  kept: readonly FooterRowGroup[],
): FooterFindings {
  if (kept.length === 0) return NOTHING;
  const notices: ColumnNotice[] = [];
  for (const [index, { name }] of schema.columns.entries()) {
    const traits = schema.traits[index];
    if (traits === undefined || !used.has(name.toLowerCase())) continue;
    if (traits.unsupported !== undefined) {
      return { unsupported: `column "${name}" cannot be read: ${traits.unsupported}`, notices: [] };
    }
    for (const text of traits.losses) notices.push({ column: name, text });
    const ofCalendar = calendarNotice(footer, traits.calendar, name, kept);
    if (ofCalendar !== undefined) notices.push({ column: name, text: ofCalendar });
    // Spark keeps microseconds; other writers of INT96 have nanoseconds.
    if (traits.calendar === 'int96' && !footer.calendar.known) {
      notices.push({ column: name, text: INT96_LOSS });
    }
  }
  // Where names differ only in case the parser takes all columns: those that are used are meant.
  const nameOf = ({ leaf }: UndecodableChunk): string => footer.schema.leaves[leaf]?.column ?? '';
  const undecodable = kept
    .flatMap((group) => group.undecodable)
    .find((chunk) => used.has(nameOf(chunk).toLowerCase()));
  if (undecodable === undefined) return { unsupported: undefined, notices };
  const name = nameOf(undecodable).toLowerCase();
  const spelled = schema.columns.find((column) => column.name.toLowerCase() === name)?.name ?? name;
  return { unsupported: `column "${spelled}" cannot be read: ${undecodable.reason}`, notices };
}

/** One sentence for each thing that is said of a column, with the number of files it is true of. */
export function columnNotices(
  files: readonly { readonly notices: readonly ColumnNotice[] }[],
): string[] {
  const counts = new Map<string, number>();
  for (const { notices } of files) {
    for (const { column, text } of notices) {
      const sentence = `Column "${column}" ${text}`;
      counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
    }
  }
  return [...counts].map(([sentence, count]) =>
    count === files.length ? `${sentence}.` : `${sentence} (${count} of ${files.length} files).`,
  );
}

/** Said where days of the Julian calendar stay as they are, or may be there. */
function calendarNotice(
  footer: Footer,
  kind: ColumnTraits['calendar'],
  name: string,
  kept: readonly FooterRowGroup[],
): string | undefined {
  if (kind === undefined) return undefined;
  const julian = isJulian(kind, footer.calendar);
  if (julian && isRebased(kind, footer.calendar)) return undefined;
  if (!julian && (footer.calendar.known || !MAY_BE_JULIAN.test(footer.createdBy))) return undefined;
  const oldest = kept.some((group) => mayBeOld(footer, group, name, julian));
  if (!oldest) return undefined;
  return julian
    ? `may have timestamps before 1900, which Spark wrote by its old calendar in the zone "${footer.calendar.zone ?? 'of its session'}": they are read as they are`
    : 'has values before 15 October 1582, and the file does not say by which calendar: they are read by the Gregorian one';
}

/** Whether a row group may hold values that depend on the calendar. */
function mayBeOld(footer: Footer, group: FooterRowGroup, name: string, julian: boolean): boolean {
  const index = footer.schema.leaves.findIndex(({ column }) => column === name.toLowerCase());
  const kind = footer.schema.leaves[index]?.kind;
  const statistics = group.statistics.get(index);
  const bounds =
    kind === undefined || statistics === undefined ? undefined : decodeBounds(kind, statistics);
  // Without statistics only a writer that is known to count so is spoken of.
  if (bounds === undefined) return julian;
  return mayLieBefore(bounds, julian ? DAY_1900 : GREGORIAN_DAY);
}

/** Java's library, whose callers bring their own calendar; and writers that say nothing at all. */
const MAY_BE_JULIAN = /parquet-mr|hive|impala|^$/i;

/** Time zones differ from what Java had before its version 8 up to here. */
const DAY_1900 = -25_567;
