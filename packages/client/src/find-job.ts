import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ShardmillError, suggestion } from '@shardmill/core';
import { ROOT_MARKS } from './config/find-project.js';
import { DEFINITION_EXTENSIONS as EXTENSIONS } from './read-definition/read-definition.js';

/**
 * The file of a job's definition. `reference` is a name in the jobs folder, or a path of a
 * definition or of a folder that has one; a name wins over a path that reads the same, unless the
 * path begins with `./`.
 * @returns an absolute path.
 * @throws JOB_NOT_FOUND, JOB_INVALID (two definitions in one folder)
 */
export function findJob(reference: string, cwd: string): string {
  const { folder, lookedIn } = findJobsFolder(cwd);
  if (folder !== undefined && !looksLikePath(reference)) {
    const named = definitionNamed(folder, reference);
    if (named !== undefined) return named;
  }
  const target = path.resolve(cwd, reference);
  const kind = kindOf(target);
  if (kind === 'file') return target;
  if (kind === 'folder') {
    const inside = definitionIn(target, 'job');
    if (inside !== undefined) return inside;
    throw new ShardmillError('JOB_NOT_FOUND', `the folder "${reference}" holds no definition`, {
      where: target,
      remedy: `Expected one of ${EXTENSIONS.map((e) => `job${e}`).join(', ')} in it.`,
    });
  }
  const names = listJobs(cwd);
  const places = folder === undefined ? `no jobs folder in ${lookedIn.join(' or ')}` : folder;
  throw new ShardmillError(
    'JOB_NOT_FOUND',
    `there is no job and no file "${reference}".${suggestion(reference, names, 'The jobs are')}`,
    { where: folder === undefined ? `${target}; ${places}` : `${places} and ${target}` },
  );
}

/** Names of the jobs in the jobs folder that belongs to `cwd`, sorted. */
export function listJobs(cwd: string): string[] {
  const { folder } = findJobsFolder(cwd);
  return folder === undefined ? [] : namesIn(folder);
}

/** Absolute paths of all definitions in a jobs folder, by name. @throws JOB_NOT_FOUND, JOB_INVALID */
export function listDefinitions(folder: string): string[] {
  if (kindOf(folder) !== 'folder') {
    throw new ShardmillError('JOB_NOT_FOUND', 'there is no such folder of jobs', { where: folder });
  }
  return namesIn(folder).flatMap((name) => definitionNamed(folder, name) ?? []);
}

function namesIn(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const extension = path.extname(entry.name);
    if (entry.isFile() && EXTENSIONS.includes(extension) && entry.name !== 'package.json') {
      return [path.basename(entry.name, extension)];
    }
    const isJob = EXTENSIONS.some((e) => existsSync(path.join(folder, entry.name, `job${e}`)));
    return isJob ? [entry.name] : [];
  });
  return [...new Set(names)].toSorted();
}

/** The nearest `jobs/` at or above `cwd`, not further up than the root of the workspace. */
function findJobsFolder(cwd: string): { folder: string | undefined; lookedIn: string[] } {
  const lookedIn: string[] = [];
  for (let place = cwd; ; place = path.dirname(place)) {
    const folder = path.join(place, 'jobs');
    if (kindOf(folder) === 'folder') return { folder, lookedIn };
    lookedIn.push(place);
    const isRoot = ROOT_MARKS.some((mark) => existsSync(path.join(place, mark)));
    if (isRoot || place === path.dirname(place)) return { folder: undefined, lookedIn };
  }
}

/** `jobs/<name>/job.*`, or `jobs/<name>.*`. */
function definitionNamed(jobs: string, name: string): string | undefined {
  const folder = path.join(jobs, name);
  const inside = kindOf(folder) === 'folder' ? definitionIn(folder, 'job') : undefined;
  return inside ?? definitionIn(jobs, name);
}

function definitionIn(folder: string, base: string): string | undefined {
  const found = EXTENSIONS.map((e) => path.join(folder, base + e)).filter(
    (file) => kindOf(file) === 'file',
  );
  if (found.length > 1) {
    const names = found.map((file) => path.basename(file)).join(' and ');
    throw new ShardmillError('JOB_INVALID', `there are two definitions: ${names}`, {
      where: folder,
      remedy: 'Keep one, or give the path of the one that you mean.',
    });
  }
  return found[0];
}

function looksLikePath(reference: string): boolean {
  return (
    path.isAbsolute(reference) ||
    /^\.{1,2}([/\\]|$)/.test(reference) ||
    EXTENSIONS.includes(path.extname(reference))
  );
}

function kindOf(target: string): 'file' | 'folder' | undefined {
  const info = statSync(target, { throwIfNoEntry: false });
  return info?.isFile() ? 'file' : info?.isDirectory() ? 'folder' : undefined;
}
