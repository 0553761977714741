import { ShardmillError } from '../../errors/shardmill-error.js';
import type { ObjectStore } from '../../store/object-store.js';
import { parseJson } from '../../text/parse-json.js';
import { type ShardFailure, shardFailureSchema } from './failure-schema.js';
import { failureKey } from '../object-layout.js';

/** Why a shard failed for good in a round, or undefined where it did not. @throws PLAN_MISMATCH */
export async function findFailure(
  store: ObjectStore,
  runId: string,
  round: number,
  shard: number,
): Promise<ShardFailure | undefined> {
  const key = failureKey(runId, round, shard);
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  const parsed = shardFailureSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ShardmillError(
    'PLAN_MISMATCH',
    `the note of a failed shard cannot be read: ${issue?.path.map(String).join('.')} ${issue?.message}`,
    { where: store.locate(key) },
  );
}
