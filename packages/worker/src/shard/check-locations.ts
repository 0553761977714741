import { type AllowedLocations, mapConcurrent, requireAllowed } from '@shardmill/core';
import type { FoundShard } from './stored-plans.js';

const CHECKS_AT_ONCE = 32;

/** Holds where a run writes to against this machine's own settings. @throws LOCATION_FORBIDDEN */
export function checkOutput(
  allow: AllowedLocations | undefined,
  { plan }: FoundShard,
): Promise<void> {
  return requireAllowed(allow, 'outputs', plan.scoring.output.uri, plan.job.name);
}

/**
 * Holds what a shard reads against this machine's own settings: a plan was made by another machine,
 * and a link may lead elsewhere here, or by now.
 * @throws LOCATION_FORBIDDEN
 */
export async function checkReads(
  allow: AllowedLocations | undefined,
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
  if (transform !== null) await requireAllowed(allow, 'transforms', transform.module, name);
  await mapConcurrent(shard.files, CHECKS_AT_ONCE, ({ uri }) =>
    requireAllowed(allow, 'inputs', uri, name),
  );
}
