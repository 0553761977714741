import path from 'node:path';
import {
  type AllowedLocations,
  imageLocations,
  isModelReference,
  type Job,
  mapConcurrent,
  type Prices,
  readBaselineReference,
  requireAllowed,
  requirePrice,
  requireRegion,
  resolveLocation,
  ShardmillError,
  type Stores,
} from '@shardmill/core';
import { hostRule } from '../notify/address-rules.js';
import type { InputListing } from './list/list-input.js';

/** What the configuration demands of every job. */
export interface JobRules {
  /** Locations that jobs may name; any where left out. */
  readonly allow?: AllowedLocations | undefined;
  /** Whether a job has to pin its model by its digest. */
  readonly requireSha256?: boolean | undefined;
  /** What an hour of a worker costs, by pool: a limit of cost cannot be held without. */
  readonly prices?: Prices | undefined;
}

/**
 * Holds what a job names against the rules, before any of it is opened. A model of the registry is
 * held against them once it is known where it lies.
 * @param jobFile where relative locations start.
 * @throws LOCATION_FORBIDDEN, NOTIFY_FORBIDDEN, MODEL_SHA256_MISSING, PRICE_MISSING, URI_UNSUPPORTED; STORE_… where the region of a
 *   bucket is requested
 */
export async function checkRules(
  { allow, requireSha256, prices }: JobRules,
  job: Job,
  jobFile: string,
  { regionOf }: Pick<Stores, 'regionOf'>,
): Promise<void> {
  requirePrice(job.limits, prices, job.resources.pool);
  const resolve = (uri: string): string => resolveLocation(uri, path.dirname(jobFile));
  const { input, model, challengers = [], features, output, transform } = job;
  const inputs = [
    ...[[input.uri].flat(), imageLocations(features)].flat().map(resolve),
    ...baselineLocation(job, resolve),
  ];
  const located = [model, ...challengers.map((one) => one.model)]
    .filter(({ uri }) => !isModelReference(uri))
    .map(({ uri, sha256 }) => ({ uri: resolve(uri), sha256 }));
  const models = located.map(({ uri }) => uri);
  const outputs = [resolve(output.uri)];
  for (const [use, locations] of [
    ['inputs', inputs],
    ['models', models],
    ['outputs', outputs],
  ] as const) {
    for (const location of locations) await requireAllowed(allow, use, location, job.name);
  }
  if (transform !== undefined) {
    const module = transform.module === undefined ? jobFile : resolve(transform.module);
    await requireAllowed(allow, 'transforms', module, job.name);
  }
  // The region of what may not be used by its name is not requested.
  for (const location of [...inputs, ...models, ...outputs]) {
    await requireRegion(allow, location, job.name, regionOf);
  }
  for (const { url } of job.notify ?? []) {
    if (url === undefined || hostRule(allow, job.name, new URL(url).hostname) !== undefined)
      continue;
    const message = `job "${job.name}" may not send notifications to ${new URL(url).hostname}, which allow.notify does not name for it`;
    throw new ShardmillError('NOTIFY_FORBIDDEN', message, { where: 'notify' });
  }
  if (requireSha256 === true) {
    for (const { uri: where, sha256 } of located) {
      if (sha256 !== undefined) continue;
      const message = `job "${job.name}" has no model.sha256`;
      throw new ShardmillError('MODEL_SHA256_MISSING', message, { where });
    }
  }
}

/** A baseline is read as input is; one of the output location itself is no other location. */
function baselineLocation({ drift }: Job, resolve: (uri: string) => string): string[] {
  if (drift === undefined) return [];
  const reference = readBaselineReference(drift.baseline, resolve);
  return 'location' in reference ? [reference.location] : [];
}

const CHECKS_AT_ONCE = 32;

/**
 * The same for files that were found in folders: links may have led elsewhere.
 * @throws LOCATION_FORBIDDEN
 */
export async function checkFiles(
  { allow }: JobRules,
  job: Job,
  { files }: Pick<InputListing, 'files'>,
): Promise<void> {
  if (allow?.inputs === undefined) return;
  await mapConcurrent(files, CHECKS_AT_ONCE, ({ uri }) =>
    requireAllowed(allow, 'inputs', uri, job.name),
  );
}
