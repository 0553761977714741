import path from 'node:path';
import { prepareJob } from '@shardmill/client/jobs';
import type { Services } from '@shardmill/client/services';
import {
  type Column,
  isS3,
  resolveLocation,
  shellWord,
  ShardmillError,
  type Stores,
} from '@shardmill/core';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { plural } from '../../ui/text/format.js';
import { shortPath } from '../../ui/text/shorten-paths.js';
import { whileWatching } from '../../while-watching.js';
import { writeWhole } from '../../write-whole.js';

export interface CreateProfileFlags {
  readonly output: string;
  readonly param?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

/**
 * Profiles a data set, as a job sees it or as it is, into a file or an object, from where a fleet reads it as well.
 * @param job undefined for a data set as it is.
 * @throws USAGE, what a run throws; PROFILE_COLUMN_TYPE, COLUMN_NOT_FOUND, URI_UNSUPPORTED, OUTPUT_NOT_WRITABLE, STORE_…
 */
export async function createProfile(
  job: string | undefined,
  flags: CreateProfileFlags,
  terminal: Terminal,
  services: Pick<Services, 'createProfile' | 'profileDataset' | 'stores'>,
): Promise<Result> {
  return job === undefined
    ? ofDataset(flags, terminal, services)
    : ofJob(job, flags, terminal, services);
}

const DATA_FILE = /\.(parquet|parq|pq)$/i;

async function ofJob(
  reference: string,
  { output, param, input, columns }: CreateProfileFlags,
  terminal: Terminal,
  { createProfile: create, stores }: Pick<Services, 'createProfile' | 'stores'>,
): Promise<Result> {
  if (DATA_FILE.test(reference)) {
    throw usage(
      `${reference} is a data set, and no job`,
      `Give it as --input ${shellWord(reference)}, with the job as which it is seen, or without any`,
    );
  }
  if (columns !== undefined) {
    throw usage('--columns is of a data set without a job', 'profile.features of a job names them');
  }
  const prepared = await prepareJob(reference, { param, input }, terminal.cwd);
  const target = targetOf(output, terminal.cwd, stores);
  return whileWatching(prepared.job.name, terminal, stores, async ({ display, signal, notice }) => {
    const { profile, content, rows } = await create(
      { prepared, signal },
      { planned: () => {}, progress: (progress) => display.update(progress), notice },
    );
    await target.write(content);
    const { features, outputs } = profile;
    const made = `${plural(features.columns.length, 'feature')} and ${plural(outputs.columns.length, 'output')}`;
    return {
      json: () => profile,
      text: ({ colors, cwd }) =>
        `${colors.green('✓')} ${made} of ${plural(rows.read, 'row')} → ${shellWord(shortPath(target.location, cwd))}`,
    };
  });
}

async function ofDataset(
  { output, param, input, columns }: CreateProfileFlags,
  terminal: Terminal,
  { profileDataset, stores }: Pick<Services, 'profileDataset' | 'stores'>,
): Promise<Result> {
  if (input === undefined) {
    throw usage(
      'there is nothing to profile: expected a job, or a data set with --input',
      'Give --input train.parquet, or a job, whose features are profiled then',
    );
  }
  if (param !== undefined) throw usage('--param is of a job', 'Give the job, or leave it out');
  const { cwd } = terminal;
  const target = targetOf(output, cwd, stores);
  return whileWatching(
    path.basename(input),
    terminal,
    stores,
    async ({ display, signal, notice }) => {
      const started = performance.now();
      const progress = (rowsDone: number, rowsPlanned: number): void =>
        display.update({
          ...NOTHING_YET,
          rowsDone,
          rowsPlanned,
          elapsedMs: performance.now() - started,
        });
      const request = { uri: input, columns, cwd, signal };
      const { profile, content, rows, leftOut } = await profileDataset(request, {
        progress,
        notice,
      });
      await target.write(content);
      const made = `${plural(profile.features.columns.length, 'column')} of ${plural(rows, 'row')}`;
      return {
        json: () => profile,
        text: ({ colors }) =>
          [
            `${colors.green('✓')} ${made} → ${shellWord(shortPath(target.location, cwd))}`,
            ...(leftOut.length === 0 ? [] : [colors.dim(leftOutText(leftOut))]),
          ].join('\n'),
      };
    },
  );
}

/** Of a profile no row is scored, rejected or tried again. */
const NOTHING_YET = {
  rowsScored: 0,
  rowsRejected: 0,
  rowsFiltered: 0,
  rowsResumed: 0,
  partsDone: 0,
  partsPlanned: 0,
  shardsFailed: 0,
  retries: 0,
  shrunkCalls: [],
};

const MAX_NAMED = 5;

function leftOutText(columns: readonly Column[]): string {
  const some = columns.slice(0, MAX_NAMED).map(({ name, type }) => `${name} (${type})`);
  const more = columns.length - some.length;
  return `  left out, without numbers or texts: ${some.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

interface ProfileTarget {
  readonly location: string;
  readonly write: (content: Uint8Array) => Promise<void>;
}

/** @throws URI_UNSUPPORTED */
function targetOf(output: string, cwd: string, stores: Stores): ProfileTarget {
  const location = resolveLocation(output, cwd);
  if (!isS3(location)) return { location, write: (content) => writeWhole(location, content) };
  const { store, key } = stores.objectAt(location);
  return { location, write: (content) => store.replace(key, content) };
}

function usage(message: string, remedy: string): ShardmillError {
  return new ShardmillError('USAGE', message, {
    where: 'shardmill profile create',
    remedy: `${remedy}.`,
  });
}
