import { ShardmillError } from '../../errors/shardmill-error.js';
import { parseJson } from '../../text/parse-json.js';
import { type PartIndex, partIndexSchema } from './record-schema.js';

/** The index of a part's files. @param where it lies. @throws OUTPUT_CONFLICT */
export function parsePartIndex(content: Uint8Array, where: string): PartIndex {
  const parsed = partIndexSchema.safeParse(parseJson(content));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ShardmillError(
    'OUTPUT_CONFLICT',
    `the index of a part cannot be read: ${issue?.path.map(String).join('.')} ${issue?.message}`,
    { where },
  );
}
