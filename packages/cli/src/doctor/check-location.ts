import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import {
  isS3,
  type ObjectStore,
  probeConditionalWrites,
  STATE_PREFIX,
  ShardmillError,
  type Stores,
  toShardmillError,
} from '@shardmill/core';
import { fail, failedWith, type Finding, ok } from './finding.js';

/** Tries each operation that a run needs of a location that it writes to. Leaves nothing behind. */
export async function checkWritable(
  what: string,
  location: string,
  stores: Stores,
): Promise<Finding> {
  const before = foldersThere(location);
  try {
    return await tryOperations(what, location, stores);
  } finally {
    for (const folder of foldersOf(location)) {
      if (!before.includes(folder)) await rmdir(folder).catch(() => {});
    }
  }
}

/** Folders that a local store makes for the probe, the deepest first. */
function foldersOf(location: string): string[] {
  if (isS3(location)) return [];
  const state = path.join(location, STATE_PREFIX);
  return [
    path.join(state, 'probe'),
    path.join(state, 'tmp'),
    path.join(state, '.'),
    location,
    path.dirname(location),
  ];
}

const foldersThere = (location: string): string[] =>
  foldersOf(location).filter((folder) => existsSync(folder));

async function tryOperations(what: string, location: string, stores: Stores): Promise<Finding> {
  const store = stores.open(location);
  const key = `${STATE_PREFIX}probe/doctor-${randomBytes(6).toString('hex')}`;
  const done: string[] = [];
  const step = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      done.push(name);
    } catch (thrown) {
      throw new StepFailed(name, toShardmillError(thrown));
    }
  };
  try {
    await step('list', () => listSome(store));
    await step('create', async () => {
      await store.create(key, CONTENT);
    });
    await step('read', async () => {
      const bytes = await store.read(key);
      if (bytes === undefined || Buffer.compare(bytes, CONTENT) !== 0) {
        throw new ShardmillError('STORE_UNSUPPORTED', 'what was written is not what is read');
      }
    });
    await step('create only once', async () => {
      if ((await store.create(key, CONTENT)) !== 'exists') {
        throw new ShardmillError('STORE_UNSUPPORTED', 'it was created twice');
      }
      await probeConditionalWrites(store);
    });
    await step('delete', () => store.delete(key));
  } catch (thrown) {
    await store.delete(key).catch(() => {});
    if (!(thrown instanceof StepFailed)) throw thrown;
    const { code, message, remedy } = thrown.error;
    return fail(what, `${location}: cannot ${thrown.step}: ${code} ${message}`, remedy);
  }
  return ok(what, `${location}: ${done.join(', ')}`);
}

/** Tries what a run needs of a location that it only reads: a folder, a glob or one object. */
export async function checkReadable(
  what: string,
  location: string,
  stores: Stores,
): Promise<Finding> {
  try {
    // Up to the first wildcard: below it, a listing says whether there is anything.
    const wildcard = location.search(/[*?[{]/);
    const fixed = wildcard < 0 ? location : location.slice(0, location.lastIndexOf('/', wildcard));
    if (wildcard < 0) {
      const { store, key } = stores.objectAt(location);
      if (key !== '' && (await store.head(key)) !== undefined) {
        return ok(what, `${location}: there, readable`);
      }
    }
    for await (const _object of stores.open(fixed).list('')) {
      return ok(what, `${location}: there, listed`);
    }
    return fail(what, `${location}: nothing is there`, 'Check the location and the credentials.');
  } catch (error) {
    return failedWith(what, error);
  }
}

const CONTENT = Buffer.from('shardmill doctor was here\n');

class StepFailed extends Error {
  constructor(
    readonly step: string,
    readonly error: ShardmillError,
  ) {
    super(error.message);
  }
}

/** The first objects are enough. */
async function listSome(store: ObjectStore): Promise<void> {
  for await (const _object of store.list(STATE_PREFIX)) return;
}
