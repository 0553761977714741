/** What the benchmark and the tests use of parquetjs-lite 0.8.7, which has no types of its own. */
declare module 'parquetjs-lite' {
  /** 64-bit integers are numbers or bigints, timestamps are dates or microseconds. */
  export type Row = Record<string, unknown>;

  export type Field = Leaf | Group;

  export interface Leaf {
    readonly type: string;
    readonly compression?: 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY';
    readonly optional?: boolean;
    readonly repeated?: boolean;
  }

  export interface Group {
    readonly optional?: boolean;
    readonly repeated?: boolean;
    readonly fields: Readonly<Record<string, Field>>;
  }

  export class ParquetSchema {
    constructor(fields: Readonly<Record<string, Field>>);
    readonly fieldList: readonly unknown[];
  }

  export class ParquetReader {
    static openFile(path: string): Promise<ParquetReader>;
    getCursor(columns?: readonly (readonly string[])[]): ParquetCursor;
    close(): Promise<void>;
  }

  export interface ParquetCursor {
    /** The next row, or null at the end. */
    next(): Promise<Row | null>;
  }

  export class ParquetWriter {
    static openFile(
      schema: ParquetSchema,
      path: string,
      options?: {
        /** Rows of a row group. */
        readonly rowGroupSize?: number;
        /** Rows of a page. */
        readonly pageSize?: number;
        readonly useDataPageV2?: boolean;
      },
    ): Promise<ParquetWriter>;
    appendRow(row: Row): Promise<void>;
    close(): Promise<void>;
  }
}
