import { z } from 'zod';

/** Sketches of columns as shard records and profiles hold them: mergeable in any order. */

const count = z.int().nonnegative();

/** Values with how often each occurs, or null where there are too many of them. */
const valueCounts = <T extends z.ZodType>(value: T) => z.array(z.tuple([value, count])).nullable();
/** HyperLogLog registers, a base64 digit each; null where the values themselves are there. */
const registers = z.string().nullable();

export const numberStateSchema = z.strictObject({
  kind: z.literal('number'),
  /** Rows, those with nulls included. */
  count,
  nulls: count,
  nan: count,
  infinite: count,
  /** Over the finite values, as all that follows. */
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** Exact: a hexadecimal integer, `p`, and the power of two that it is multiplied by. */
  sum: z.string(),
  /** Of the squares, each rounded to a double; null where one is beyond the greatest double. */
  squares: z.string().nullable(),
  /** Of `LogHistogram`, by `bucketsToText`. */
  buckets: z.string(),
  values: valueCounts(z.number()),
  registers,
});

export const textStateSchema = z.strictObject({
  kind: z.literal('text'),
  count,
  nulls: count,
  /** Lengths are in UTF-16 code units. */
  minLength: count.nullable(),
  maxLength: count.nullable(),
  totalLength: count,
  values: valueCounts(z.string()),
  registers,
});

export const columnStateSchema = z.discriminatedUnion('kind', [numberStateSchema, textStateSchema]);

const namedStates = z.array(z.strictObject({ name: z.string(), state: columnStateSchema }));

/** What the parts of a shard, or of a run, say together. */
export const profileStateSchema = z.strictObject({
  /** Rows whose features were looked at. */
  sampledRows: count,
  features: namedStates,
  outputs: namedStates,
});

export type NumberState = z.output<typeof numberStateSchema>;
export type TextState = z.output<typeof textStateSchema>;
export type ColumnState = z.output<typeof columnStateSchema>;
export type NamedState = ProfileState['features'][number];
export type ProfileState = z.output<typeof profileStateSchema>;
