import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileStore, type ObjectStore, ShardmillError } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { modelFacts } from '../testing/model-facts.js';
import { aliasOf } from './fold-model.js';
import { type ChangedAlias, type ModelAuthor, ModelRegistry } from './model-registry.js';
import { aboutRelease, checkWeights, type PinnedRelease, resolveModel } from './resolve-model.js';

const NOW = new Date('2026-11-26T09:00:00Z');
const author = (by: string): ModelAuthor => ({ by, now: NOW });
const promote = (version: number) =>
  ({ kind: 'set', alias: 'production', version, how: 'promote' }) as const;

let folder: string;
let registry: ModelRegistry;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-models-'));
  registry = new ModelRegistry(new FileStore(folder));
});
afterEach(() => rm(folder, { recursive: true }));

async function addThree(to = registry): Promise<void> {
  for (const name of ['a', 'b', 'c']) await to.add('churn', modelFacts(name), author('ann@one'));
}

describe('a model that is added', () => {
  it('gets the next number, or the one that is given', async () => {
    await addThree();
    const { version } = await registry.add('churn', modelFacts('d'), author('ann@one'), 10);
    expect(version.version).toBe(10);
    const next = await registry.add('churn', modelFacts('e'), author('ann@one'));
    expect(next.version).toMatchObject({ version: 11, by: 'ann@one', at: NOW.toISOString() });
    expect(await registry.names()).toEqual(['churn']);
  });

  it('is the version that it was before, and nothing is written', async () => {
    await addThree();
    const again = await registry.add('churn', modelFacts('b'), author('bob@two'));
    expect(again).toMatchObject({ added: false, version: { version: 2, by: 'ann@one' } });
    expect(await readdir(path.join(folder, 'models/churn/events'))).toHaveLength(3);
    expect((await registry.add('other', modelFacts('b'), author('bob@two'))).added).toBe(true);
  });

  it('is refused under a number that is another model, and under another number', async () => {
    await addThree();
    const taken = { code: 'MODEL_VERSION_TAKEN' };
    await expect(
      registry.add('churn', modelFacts('d'), author('ann@one'), 2),
    ).rejects.toMatchObject({ ...taken, message: expect.stringContaining('added by ann@one') });
    await expect(
      registry.add('churn', modelFacts('b'), author('ann@one'), 7),
    ).rejects.toMatchObject({ ...taken, message: expect.stringContaining('churn@2 already') });
  });

  it('with other weights is another version', async () => {
    const weights = { uri: '/models/w.bin', bytes: 8 };
    const [one, two] = ['1', '2'].map((digit) =>
      modelFacts('a', { externalData: [{ ...weights, sha256: digit.repeat(64) }] }),
    );
    if (one === undefined || two === undefined) throw new Error('there are two');
    expect((await registry.add('churn', one, author('ann'))).version.version).toBe(1);
    expect((await registry.add('churn', two, author('ann'))).version.version).toBe(2);
    expect((await registry.add('churn', one, author('ann'))).version.version).toBe(1);
  });
});

it('many that add at once get a number each, and the same model only one', async () => {
  const names = ['a', 'b', 'c', 'a', 'b', 'c'];
  const all = await Promise.all(
    names.map((name, i) => registry.add('churn', modelFacts(name), author(`user${i}`))),
  );
  const numbers = all.map(({ version }) => version.version);
  expect(new Set(numbers.slice(0, 3))).toEqual(new Set([1, 2, 3]));
  expect(numbers.slice(3)).toEqual(numbers.slice(0, 3));
  expect(all.filter(({ added }) => added)).toHaveLength(3);
});

/** Many promotions of which none is written before all have been decided. */
async function promoteAtOnce(store: ObjectStore, people: number): Promise<void> {
  const own = new ModelRegistry(store);
  await addThree(own);
  const seen = await own.get('churn');
  const all = await Promise.allSettled(
    Array.from({ length: people }, (_, i) =>
      own.changeAlias(seen, promote((i % 3) + 1), author(`user${i}`)),
    ),
  );
  const won = all.flatMap((one): ChangedAlias[] => (one.status === 'fulfilled' ? [one.value] : []));
  const lost = all.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  expect(won).toHaveLength(1);
  const by = won[0]?.event?.by ?? '';
  for (const reason of lost) {
    expect(reason).toMatchObject({
      code: 'MODEL_ALIAS_CONFLICT',
      message: expect.stringContaining(`${by} was first`),
    });
  }
  const now = await own.get('churn');
  expect(now.events).toHaveLength(4);
  expect(aliasOf(now, 'production')).toMatchObject({ by, event: 3 });
}

it('of many that promote at once, one succeeds, and the others read its name', () =>
  promoteAtOnce(new FileStore(folder), 12));

it('aliases that are changed at once do not disturb each other', async () => {
  await addThree();
  const seen = await registry.get('churn');
  const names = ['one', 'two', 'three', 'four'];
  await Promise.all(
    names.map((alias) =>
      registry.changeAlias(seen, { ...promote(2), alias }, author(`set ${alias}`)),
    ),
  );
  const { aliases } = await registry.get('churn');
  expect(aliases.map(({ alias }) => alias)).toEqual(names.toSorted());
});

describe('what is not there is named with the nearest', () => {
  const refused = (name: string, selected: string | number): Promise<unknown> =>
    registry
      .resolve({
        name,
        selector:
          typeof selected === 'number'
            ? { kind: 'version', version: selected }
            : { kind: 'alias', alias: selected },
      })
      .then(
        () => undefined,
        (error: unknown) => (error instanceof ShardmillError ? error.message : error),
      );

  it('a model, an alias, a version', async () => {
    expect(await refused('churn', 1)).toBe('no model "churn" is registered. None is yet.');
    await addThree();
    expect(await refused('churn', 'production')).toBe(
      'churn has no alias "production". It has none yet.',
    );
    await registry.changeAlias(await registry.get('churn'), promote(3), author('ann'));
    expect(await refused('chrun', 1)).toContain('Did you mean "churn"?');
    expect(await refused('churn', 'prodution')).toContain('Did you mean "production"?');
    expect(await refused('churn', 9)).toBe('churn has no version 9. It has 1, 2, 3.');
  });

  it('a name that could lead out of the registry is none', async () => {
    for (const name of ['../runs', 'a/b', '', '.', 'Churn', 'a b', 'a\u0000']) {
      await expect(registry.get(name)).rejects.toMatchObject({ code: 'MODEL_NAME_INVALID' });
    }
  });
});

describe('an entry that is damaged keeps everything of its model from being used', () => {
  const entry = (number: number): string =>
    path.join(folder, `models/churn/events/00000${number}.json`);

  it.each<[string, () => Promise<void>, number]>([
    ['no JSON', () => writeFile(entry(1), '{"format"'), 1],
    ['empty', () => writeFile(entry(2), ''), 2],
    ['missing', () => rm(entry(1)), 1],
    [
      'of another version of the format',
      async () => {
        const text = await readFile(entry(0), 'utf8');
        await writeFile(entry(0), text.replace('shardmill-model/1', 'shardmill-model/2'));
      },
      0,
    ],
    [
      'of another entry',
      async () => {
        await writeFile(entry(2), await readFile(entry(1)));
      },
      2,
    ],
  ])('%s', async (_what, damage, number) => {
    await addThree();
    await registry.add('other', modelFacts('a'), author('ann'));
    const seen = await registry.get('churn');
    await damage();
    const damaged = { code: 'MODEL_REGISTRY_DAMAGED', where: entry(number) };
    await expect(registry.get('churn')).rejects.toMatchObject(damaged);
    await expect(registry.add('churn', modelFacts('d'), author('ann'))).rejects.toMatchObject(
      damaged,
    );
    await expect(registry.get('other')).resolves.toBeDefined();
    expect(seen.versions).toHaveLength(3);
  });
});

describe('a job that names a version', () => {
  const weights = { uri: '/models/w.bin', sha256: '1'.repeat(64), bytes: 8 };
  const resolve = (uri: string, sha256?: string) =>
    resolveModel(jobOf({ model: { uri, ...(sha256 !== undefined && { sha256 }) } }), registry);
  const pinned = async (): Promise<PinnedRelease> => {
    const { release } = await resolve('models:/churn@1');
    if (release === undefined) throw new Error('it names a version');
    return release;
  };

  beforeEach(async () => {
    await registry.add('churn', modelFacts('a', { externalData: [weights] }), author('ann'));
  });

  it('gets its location and its digest; another job stays as it is, and nothing is read', async () => {
    const { file } = modelFacts('a');
    const { job, release } = await resolve('models:/churn@1');
    expect(job.model).toEqual({ uri: file.uri, sha256: file.sha256 });
    expect(release).toEqual({ name: 'churn', version: 1, files: [file, weights] });
    const other = jobOf();
    expect(await resolveModel(other, new ModelRegistry(new FileStore('/nowhere')))).toEqual({
      job: other,
    });
  });

  it('is refused where it pins another digest, or is no reference after its parameters', async () => {
    await expect(resolve('models:/churn@1', 'F'.repeat(64))).rejects.toMatchObject({
      code: 'MODEL_SHA256_MISMATCH',
      where: 'model.sha256',
    });
    const { sha256 } = modelFacts('a').file;
    await expect(resolve('models:/churn@1', sha256.toUpperCase())).resolves.toBeDefined();
    const job = jobOf();
    const filled = { ...job, model: { uri: 'models:/churn@' } };
    await expect(resolveModel(filled, registry)).rejects.toMatchObject({
      code: 'MODEL_NAME_INVALID',
      where: 'model.uri',
    });
  });

  it('is refused where its weights are others, or its file is gone', async () => {
    const release = await pinned();
    const model = {
      externalData: [weights],
      uri: '',
      sha256: '',
      bytes: 1,
      inputs: [],
      outputs: [],
    };
    expect(() => checkWeights(release, model)).not.toThrow();
    const other = { ...weights, sha256: '2'.repeat(64) };
    expect(() => checkWeights(release, { ...model, externalData: [other] })).toThrow(
      expect.objectContaining({ code: 'MODEL_VERSION_CHANGED', where: '/models/w.bin' }),
    );
    const gone = new ShardmillError('MODEL_NOT_FOUND', 'there is no such file', { where: '/x' });
    expect(aboutRelease(gone, release)).toMatchObject({
      code: 'MODEL_VERSION_CHANGED',
      message: 'churn@1 is not as it was registered: there is no such file',
      where: '/x',
    });
    const unfit = new ShardmillError('FEATURE_MISSING', 'no feature');
    expect(aboutRelease(unfit, release)).toBe(unfit);
  });
});
