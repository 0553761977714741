/** What a run may do with results that are there. */
export const OUTPUT_MODES = ['create', 'overwrite', 'append', 'replace-partitions'] as const;
export type OutputMode = (typeof OUTPUT_MODES)[number];

interface OutputForm {
  readonly mode: OutputMode;
  readonly table?: string | undefined;
  readonly partitionBy?: readonly string[] | undefined;
}

/**
 * Why an output cannot have its mode; undefined where it can. The partitions of plain results cannot be
 * replaced all at once, and a reader would see some of the old ones beside some of the new ones.
 */
export function whyNotMode({ mode, table, partitionBy }: OutputForm): string | undefined {
  if (mode !== 'replace-partitions') return undefined;
  if (table === undefined) {
    return "'replace-partitions' is a mode of tables (output.table: 'delta'): without a table's log, partitions cannot be replaced all at once";
  }
  return partitionBy === undefined
    ? "'replace-partitions' needs output.partitionBy, which says what the partitions are"
    : undefined;
}
