import { z } from 'zod';

/** How often the keys of a check occur, as parts and shards say it: mergeable in any order. */

const count = z.int().nonnegative();

export const keyStateSchema = z.strictObject({
  /** Of the check. */
  name: z.string(),
  /** What hashed the keys: hashes of another version are not comparable. */
  hash: z.string(),
  /** Rows with a key: those in which no column of it is null. */
  rows: count,
  /** Rows whose key another row before them in the same part has: exact. */
  repeated: count,
  /** Parts that have such rows. */
  repeatingParts: count,
  /** Those with the most of them, the first ones where they have as many. */
  worst: z.array(z.strictObject({ shard: count, part: count, repeated: count })),
  /** The smallest hashes of different keys in ascending order, of eight bytes each, as base64. */
  hashes: z.string(),
  /** Rows of those keys that have more than one: the index of the hash, and the rows. */
  counts: z.array(z.tuple([count, count])),
});

export type KeyState = z.output<typeof keyStateSchema>;
