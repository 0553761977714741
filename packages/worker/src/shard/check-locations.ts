import { mapConcurrent, requireAllowed, requireRegion } from '@shardmill/core';
import type { ShardWorld } from './shard-world.js';
import type { FoundShard } from './stored-plans.js';

type LocationRules = Pick<ShardWorld, 'allow' | 'regionOf'>;

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
  const { model, transform } = plan.scoring;
  // DuckDB gets to read the folders that they name.
  for (const uri of plan.inputUris) await requireAllowed(allow, 'inputs', uri, name);
  for (const { uri } of [model, ...model.externalData]) {
    await requireAllowed(allow, 'models', uri, name);
  }
  for (const uri of [...plan.inputUris, model.uri]) await requireRegion(allow, uri, name, regionOf);
  if (transform !== null) await requireAllowed(allow, 'transforms', transform.module, name);
  await mapConcurrent(shard.files, CHECKS_AT_ONCE, ({ uri }) =>
    requireAllowed(allow, 'inputs', uri, name),
  );
}
