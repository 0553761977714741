import { ShardmillError } from '../../errors/shardmill-error.js';
import type { ObjectStore } from '../../store/object-store.js';
import { parseJson } from '../../text/parse-json.js';
import { shardRecordKey } from '../object-layout.js';
import type { Plan } from '../plan-schema.js';
import { type ShardRecord, shardRecordSchema } from './record-schema.js';

/** The record of a shard, or undefined where there is none yet. @throws PLAN_MISMATCH */
export async function findRecord(
  store: ObjectStore,
  { runId }: Pick<Plan, 'runId'>,
  shard: number,
): Promise<ShardRecord | undefined> {
  const key = shardRecordKey(runId, shard);
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  const parsed = shardRecordSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ShardmillError(
    'PLAN_MISMATCH',
    `the shard record cannot be read: ${issue?.path.map(String).join('.')} ${issue?.message}`,
    { where: store.locate(key) },
  );
}
