import { ShardmillError } from '../errors/shardmill-error.js';
import { type AllowedLocations, allowedFor, matches } from './allowed-locations.js';
import { isS3, parseS3 } from './location.js';

/** The region of the bucket of a location; undefined where its store does not say. */
export type RegionOf = (location: string) => Promise<string | undefined>;

/**
 * Refuses a location in a bucket of another region than the job may use. Where no region is named
 * for it, and for files of this machine, nothing is asked.
 * @param location in its one form (`resolveLocation`).
 * @throws LOCATION_FORBIDDEN, and what `regionOf` throws
 */
export async function requireRegion(
  allowed: AllowedLocations | undefined,
  location: string,
  job: string,
  regionOf: RegionOf,
): Promise<void> {
  const regions = allowedFor(allowed, 'regions', job);
  if (regions === undefined || !isS3(location)) return;
  const region = await regionOf(location);
  if (region !== undefined && regions.some((pattern) => matches(pattern, region))) return;
  const { bucket } = parseS3(location);
  const may = regions.length === 0 ? 'no region' : regions.join(', ');
  const is = region === undefined ? 'its store does not say where it is' : `it is in ${region}`;
  throw new ShardmillError(
    'LOCATION_FORBIDDEN',
    `job "${job}" may not use bucket "${bucket}": allow.regions names ${may} for it, and ${is}`,
    { where: location },
  );
}
