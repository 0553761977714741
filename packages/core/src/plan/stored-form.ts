/**
 * How a column's values are stored, where the type that DuckDB reads is not what they mean:
 * - `utf8`: text, read as bytes;
 * - `days`: a date, read as the number of days since 1970;
 * - `unsigned`: an unsigned integer, read as a signed one of its width;
 * - `unscaled`: a decimal, read as the integer without its scale;
 * - `julian`: days before 15 October 1582 are counted by the Julian calendar.
 */
export const storedForms = ['utf8', 'days', 'unsigned', 'unscaled', 'julian'] as const;
export type StoredForm = (typeof storedForms)[number];
