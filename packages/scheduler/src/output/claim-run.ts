import { canonicalJson, claimKey, isRunId, type ObjectStore, type Plan } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { z } from 'zod';

const claimSchema = z.object({ runId: z.string().refine(isRunId) });

/**
 * Gives processes that begin the same run at the same time one id for it: the run of this digest
 * that follows `previous` (the latest run there; undefined where there is none) is named by an
 * object that is created once.
 * @returns the plan's own id, or the one that another process was first with.
 */
export async function claimRun(
  store: ObjectStore,
  previous: string | undefined,
  { runId, digest }: Pick<Plan, 'runId' | 'digest'>,
): Promise<string> {
  const key = claimKey(previous, digest);
  const created = await store.create(key, Buffer.from(canonicalJson({ runId })));
  if (created === 'created') return runId;
  const bytes = await store.read(key);
  const claim = claimSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
  return claim.success ? claim.data.runId : runId;
}
