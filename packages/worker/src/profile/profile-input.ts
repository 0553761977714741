import type { PlannedPart } from '@shardmill/core';
import type { PartContext } from '../part/part-context.js';
import { partSource } from '../scan/part-source.js';
import { scanViews } from '../scan/scan-part.js';
import { FeatureProfile, featureProfileOrder } from './feature-profile.js';
import type { ProfiledFeatures } from './part-profile.js';

/**
 * The profile of a part's features from its input alone: of a part that an earlier attempt made, which
 * was interrupted before it could write it down.
 * @returns undefined where the run has no profile of its features. @throws as a scan of the part
 */
export async function profileInput(
  context: PartContext,
  part: PlannedPart,
): Promise<ProfiledFeatures | undefined> {
  const { settings, shard, files, pathOf, transform, images, scans, signal } = context;
  const scoring = { ...settings.scoring, challengers: undefined };
  const order = featureProfileOrder(settings.profile, shard, part);
  if (order === undefined) return undefined;
  await files.stage(part);
  const profile = new FeatureProfile(order, scoring.features);
  const source = partSource(scoring, shard, part, scoring.input.used, pathOf);
  const connection = await context.connect();
  const endScan = await scans.acquire();
  try {
    const options = { scoring, source, transform, images, signal };
    for await (const { views, keys } of scanViews(connection, options)) profile.add(views, keys);
  } finally {
    endScan();
    connection.closeSync();
  }
  await files.check(part);
  return profile.finish();
}
