import { readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ShardmillError } from '../errors/shardmill-error.js';
import { isErrno } from './file-identity.js';
import { isS3, parentLocation, parseS3 } from './location.js';

/** What a job names locations for. */
export type LocationUse = 'inputs' | 'models' | 'outputs' | 'transforms';

/**
 * Locations that jobs may name, by use; where a use is left out, any. Each is a folder, a file or
 * `s3://BUCKET/PREFIX`, with all that is below it, in its one form; with `JOBS=` before it, it is
 * for jobs whose names match that pattern. A job that a pattern matches may use those locations
 * alone, any other one those without a pattern.
 */
export type AllowedLocations = {
  readonly [U in LocationUse]?: readonly string[] | undefined;
} & {
  /** Names of regions, with `*` for any text; buckets of other regions are refused. */
  readonly regions?: readonly string[] | undefined;
  /** Hosts that jobs may send notifications to, such as `hooks.example.com` or `*.example.com`. */
  readonly notify?: readonly string[] | undefined;
};

/** An entry as it is written: `churn-*=s3://eu-lake/churn`. */
export interface AllowedLocation {
  /** Undefined for jobs that no pattern matches. */
  readonly jobs: string | undefined;
  readonly location: string;
}

export function parseAllowed(entry: string): AllowedLocation {
  const [, jobs, location = entry] = /^([a-z0-9_*-]+)=(.+)$/s.exec(entry) ?? [];
  return { jobs, location };
}

/** What a job of this name may use; undefined where that is not restricted. */
export function allowedFor(
  allowed: AllowedLocations | undefined,
  use: LocationUse | 'regions' | 'notify',
  job: string,
): readonly string[] | undefined {
  const entries = allowed?.[use]?.map(parseAllowed);
  if (entries === undefined) return undefined;
  const own = entries.filter(({ jobs }) => jobs !== undefined && matches(jobs, job));
  const usable = own.length > 0 ? own : entries.filter(({ jobs }) => jobs === undefined);
  return usable.map(({ location }) => location);
}

/**
 * Refuses a location that a job may not use. Symbolic links of this machine are followed first, as
 * far as there is something; of a glob, the folder before its first wildcard counts.
 * @param location in its one form (`resolveLocation`).
 * @throws LOCATION_FORBIDDEN
 */
export async function requireAllowed(
  allowed: AllowedLocations | undefined,
  use: LocationUse,
  location: string,
  job: string,
): Promise<void> {
  const roots = allowedFor(allowed, use, job);
  if (roots === undefined) return;
  const place = use === 'inputs' ? await beforeWildcard(location) : location;
  for (const root of roots) if (await lies(place, root)) return;
  const may = roots.length === 0 ? 'there are none' : `these are ${roots.join(', ')}`;
  throw new ShardmillError(
    'LOCATION_FORBIDDEN',
    `job "${job}" may not use this location, only what allow.${use} names for it: ${may}`,
    { where: location },
  );
}

/** Whether one absolute path is another one or lies below it; both as they are written. */
export function isBelow(target: string, folder: string): boolean {
  const inside = path.relative(folder, target);
  return inside !== '..' && !inside.startsWith('../') && !path.isAbsolute(inside);
}

/**
 * A location as it can be opened, with the links of this machine followed, if it is `root` or lies
 * below it; undefined otherwise.
 */
export async function placeWithin(location: string, root: string): Promise<string | undefined> {
  const place = isS3(location) ? location : await realLocation(location);
  return (await lies(place, root)) ? place : undefined;
}

async function lies(location: string, root: string): Promise<boolean> {
  if (isS3(location) !== isS3(root)) return false;
  if (!isS3(location)) return isBelow(await realLocation(location), await realLocation(root));
  // A whole store.
  if (root === 's3://') return !leadsElsewhere(location);
  const [{ bucket, key }, allowed] = [parseS3(location), parseS3(root)];
  const inside = allowed.key === '' || key === allowed.key || key.startsWith(`${allowed.key}/`);
  return matches(allowed.bucket, bucket) && inside && !leadsElsewhere(location);
}

/** Keys with `..` are names like any other for S3, but not for all that lies between. */
const leadsElsewhere = (location: string): boolean =>
  location.split('/').some((name) => name === '.' || name === '..');

/** The path with its links resolved, also where some of it is not there yet. */
async function realLocation(target: string, links = 0): Promise<string> {
  try {
    return await realpath(target);
  } catch (error) {
    const parent = path.dirname(target);
    // What this process may not inspect, it cannot open either.
    if (!isErrno(error, 'ENOENT', 'ENOTDIR') || parent === target || links > MAX_LINKS)
      return target;
    const link = await readlink(target).catch(() => undefined);
    // A link may lead to what is made later.
    if (link !== undefined) return realLocation(path.resolve(parent, link), links + 1);
    return path.join(await realLocation(parent, links), path.basename(target));
  }
}

/** Symbolic links that Linux follows in one path. */
const MAX_LINKS = 40;

/** The folder that all matches of a glob lie in; a path that exists is never a glob. */
async function beforeWildcard(location: string): Promise<string> {
  const at = location.search(/[*?[{]/);
  if (at < 0) return location;
  const there = isS3(location) ? undefined : await realpath(location).catch(() => undefined);
  if (there !== undefined) return there;
  const start = location.slice(0, at + 1);
  return isS3(location) ? parentLocation(start) : path.dirname(start);
}

/** Whether a name matches a pattern in which `*` stands for any text. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}
