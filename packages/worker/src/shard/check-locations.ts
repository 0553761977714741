import { mapConcurrent, requireAllowed, requireRegion } from '@shardmill/core';
import type { ShardWorkerContext } from './shard-worker-context.js';
import type { FoundShard } from './stored-plans.js';

type LocationRules = Pick<ShardWorkerContext, 'allow' | 'regionOf'>;

const CHECKS_AT_ONCE = 32;

/** Holds where a run writes to against this machine's own settings. @throws LOCATION_FORBIDDEN */
export async function checkOutput(
  { allow, regionOf }: LocationRules,
  { plan }: FoundShard,
): Promise<void> {
  const { uri } = plan.scoring.output;
  await requireAllowed(allow, 'outputs', uri, plan.job.name);
  await requireRegion(allow, uri, plan.job.name, regionOf);
}

/**
 * Holds what a shard reads against this machine's own settings: a plan was made by another machine,
 * and a link may lead elsewhere here, or by now.
 * @throws LOCATION_FORBIDDEN
 */
export async function checkReads(
  { allow, regionOf }: LocationRules,
  { plan, shard }: FoundShard,
): Promise<void> {
  if (allow === undefined) return;
  const { name } = plan.job;
  const { model, text, transform, features, challengers = [] } = plan.scoring;
  const models = [model, ...challengers.map((one) => one.model)];
  const tokenizer = text === undefined ? [] : [text.tokenizer];
  const inputUris = [...plan.inputUris, ...features.flatMap(({ image }) => image?.from ?? [])];
  // DuckDB gets to read the folders that they name.
  for (const uri of inputUris) await requireAllowed(allow, 'inputs', uri, name);
  for (const { uri } of [...models.flatMap((one) => [one, ...one.externalData]), ...tokenizer]) {
    await requireAllowed(allow, 'models', uri, name);
  }
  for (const uri of [...inputUris, ...[...models, ...tokenizer].map(({ uri: own }) => own)])
    await requireRegion(allow, uri, name, regionOf);
  if (transform !== null) await requireAllowed(allow, 'transforms', transform.module, name);
  await mapConcurrent(shard.files, CHECKS_AT_ONCE, ({ uri }) =>
    requireAllowed(allow, 'inputs', uri, name),
  );
}
