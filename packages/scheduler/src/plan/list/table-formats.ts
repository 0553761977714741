import { ShardmillError } from '@shardmill/core';

/** Table formats whose current rows are defined by metadata, and not by the files of a folder. */
export type TableFormat = 'Delta Lake' | 'Apache Iceberg' | 'Apache Hudi';

export interface FoundTable {
  readonly format: TableFormat;
  /** The table's folder: a path, or the names of a path. */
  readonly root: string;
  /** What shows it, relative to the root. */
  readonly sign: string;
}

/** Folders in a table's own folder that hold nothing but its metadata. */
export const METADATA_FOLDERS: ReadonlyMap<string, TableFormat> = new Map([
  ['_delta_log', 'Delta Lake'],
  ['.hoodie', 'Apache Hudi'],
]);
/** Iceberg's has a common name, so that only its content identifies it. */
export const ICEBERG_FOLDER = 'metadata';

/** Whether a file of a folder `metadata` makes it that of an Iceberg table. */
export function isIcebergMetadata(name: string): boolean {
  return name === 'version-hint.text' || name.endsWith('.metadata.json');
}

/** The table that a file belongs to the metadata of; names are those of its path. */
export function tableOfMetadata(names: readonly string[]): FoundTable | undefined {
  for (const [index, name] of names.slice(0, -1).entries()) {
    const root = names.slice(0, index).join('/');
    const format = METADATA_FOLDERS.get(name);
    if (format !== undefined) return { format, root, sign: name };
    const file = names[index + 1] ?? '';
    if (name === ICEBERG_FOLDER && index + 2 === names.length && isIcebergMetadata(file)) {
      return { format: 'Apache Iceberg', root, sign: `${ICEBERG_FOLDER}/${file}` };
    }
  }
  return undefined;
}

/**
 * The folders above one that may be the folder of the table that it is in: through partitions
 * (`country=AE`) and Iceberg's folder `data`, nearest first, itself included.
 */
export function foldersOfTable(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; ; ) {
    const slash = at.lastIndexOf('/');
    const name = at.slice(slash + 1);
    if (slash <= 0 || !(name.includes('=') || name === 'data')) return folders;
    at = at.slice(0, slash);
    folders.push(at);
  }
}

const FILES_OF_TABLE: Readonly<Record<TableFormat, string>> = {
  'Delta Lake':
    "Name the table's own folder in input.uri, and nothing else: its current version is read, or that of input.version.",
  'Apache Iceberg':
    'List the files of the snapshot to score in input.uri (PyIceberg: table.scan().plan_files(); without delete files), or write it to a folder of plain Parquet.',
  'Apache Hudi':
    'Write the snapshot to score to a folder of plain Parquet (Spark: spark.read.format("hudi").load(…).write.parquet(…)).',
};

/** The refusal of an input that is a table, or part of one. */
export class TableRefusal extends ShardmillError {
  constructor(readonly table: FoundTable) {
    const { format, root, sign } = table;
    super(
      'INPUT_IS_TABLE',
      `this is a table of ${format} (it has ${sign}), and its files hold rows that were deleted or replaced as well`,
      { where: root, remedy: FILES_OF_TABLE[format] },
    );
  }
}
