import { ShardmillError, SUCCESS_KEY } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../delta/log/read-snapshot.js';
import { commitKey, listLog } from '../../delta/log/log-files.js';
import { findManifest, readSuccess } from '../../output/read-location.js';
import { addOf, commit, metaDataOf, PROTOCOL } from '../../testing/delta-table.js';
import { MemoryStore } from '../../testing/memory-store.js';
import {
  commitsOf,
  DyingStore,
  finalize,
  InterruptedStore,
  newPlace,
} from '../../testing/table-runs.js';

/** Which runs the files of each version are of, by reading the log anew each time. */
async function history(store: MemoryStore): Promise<string[][]> {
  const log = await listLog(store);
  if (log === undefined) return [];
  const versions = [...log.commits.keys()];
  expect(versions).toEqual(versions.map((_, index) => index));
  const states: string[][] = [];
  for (const version of versions) {
    const { files } = await readSnapshot({ store }, log, version);
    for (const { path, size } of files.values()) {
      // Readers of every version find its files, whatever was replaced.
      if (path.startsWith('part-')) expect((await store.head(path))?.bytes).toBe(size);
    }
    const runs = [...files.values()].map(
      ({ path }) => /^part-(.+)-\d+-\d+\./.exec(path)?.[1] ?? path,
    );
    states.push([...new Set(runs)].toSorted());
    expect(runs).toHaveLength(
      2 * new Set(runs).size - runs.filter((run) => run.endsWith('.parquet')).length,
    );
  }
  return states;
}

describe('the commit of a run to a table', () => {
  it('creates the table with protocol, columns, files and the transaction of the run', async () => {
    const { store, run } = newPlace();
    const first = await run('a');
    expect(await history(store)).toEqual([]);
    await finalize(store, first);
    expect(await history(store)).toEqual([['a']]);
    const text = Buffer.from((await store.read(commitKey(0))) ?? []).toString();
    const actions = text
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(actions).toMatchObject([
      { commitInfo: { operation: 'WRITE', engineInfo: 'Shardmill/1.2.3', timestamp: 1000 } },
      { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
      {
        metaData: {
          id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          partitionColumns: [],
          schemaString: JSON.stringify({
            type: 'struct',
            fields: [{ name: 'score', type: 'float', nullable: true, metadata: {} }],
          }),
        },
      },
      { txn: { appId: 'shardmill:a', version: 1 } },
      {
        add: { path: 'part-a-000000-000000.parquet', stats: '{"numRecords":99}', dataChange: true },
      },
      { add: { path: 'part-a-000001-000000.parquet' } },
    ]);
    expect(await readSuccess(store)).toBe('a');
  });

  it('adds to what is there when appending, and removes it when overwriting, file by file', async () => {
    const { store, run } = newPlace();
    await finalize(store, await run('a'));
    await finalize(store, await run('b'));
    await finalize(store, await run('c', 'overwrite'));
    await finalize(store, await run('d'));
    expect(await history(store)).toEqual([['a'], ['a', 'b'], ['c'], ['c', 'd']]);
  });

  it.each(['before', 'after'] as const)(
    'is made once, whichever write a finalizer is killed %s',
    async (dies) => {
      for (const mode of ['append', 'overwrite'] as const) {
        let [deaths, done] = [0, false];
        for (; !done; deaths++) {
          const { store, run } = newPlace();
          await finalize(store, await run('a'));
          const second = await run('b', mode);
          const dying = new DyingStore(store, deaths, dies);
          done = await finalize(dying, second).then(
            () => true,
            () => false,
          );
          const after = mode === 'append' ? ['a', 'b'] : ['b'];
          expect([[['a']], [['a'], after]]).toContainEqual(await history(store));
          // The next start of the same run, and one more.
          const table = { format: 'delta', version: 1 };
          expect(await finalize(store, second)).toMatchObject({ table });
          expect(await finalize(store, second)).toMatchObject({ table });
          expect(await findManifest(store, 'b')).toMatchObject({ table });
          expect(await history(store)).toEqual([['a'], after]);
          expect(await commitsOf(store, 'b')).toBe(1);
          expect(await readSuccess(store)).toBe('b');
        }
        expect(deaths).toBeGreaterThan(3);
      }
    },
  );

  it('is made once by two finalizers of one run, wherever one comes between the other', async () => {
    for (let call = 0; ; call++) {
      const { store, run } = newPlace();
      const one = await run('a');
      const interrupted = new InterruptedStore(store, call, () => finalize(store, one));
      await finalize(interrupted, one);
      expect(await history(store)).toEqual([['a']]);
      expect(await commitsOf(store, 'a')).toBe(1);
      if (!interrupted.called) break;
    }
  });

  it('of two runs that append at once are both made, wherever one comes between the other', async () => {
    for (let call = 0; ; call++) {
      const { store, run } = newPlace();
      const one = await run('a');
      const other = await run('b');
      const interrupted = new InterruptedStore(store, call, () => finalize(store, other));
      await finalize(interrupted, one);
      if (!interrupted.called) await finalize(store, other);
      expect((await history(store)).at(-1)).toEqual(['a', 'b']);
      expect([await commitsOf(store, 'a'), await commitsOf(store, 'b')]).toEqual([1, 1]);
      if (!interrupted.called) break;
    }
  });

  it('of an earlier run that overwrites is refused once a later one has begun, or made before it', async () => {
    for (let call = 0; ; call++) {
      const { store, run } = newPlace();
      await finalize(store, await run('zero'));
      const earlier = await run('a', 'overwrite');
      let refused = false;
      const interrupted = new InterruptedStore(store, call, async () => {
        await finalize(store, await run('b'));
      });
      await finalize(interrupted, earlier).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'TABLE_CONFLICT' });
        refused = true;
      });
      const expected = refused || !interrupted.called ? [['b', 'zero'], ['a']] : [['a', 'b']];
      expect(expected).toContainEqual((await history(store)).at(-1));
      if (interrupted.called) expect(await commitsOf(store, 'b')).toBe(1);
      expect(await commitsOf(store, 'a')).toBe(refused ? 0 : 1);
      if (!interrupted.called) break;
    }
  });

  it('of a run that appends is kept or replaced by a later one that overwrites, or refused as given up', async () => {
    for (let call = 0; ; call++) {
      const { store, run } = newPlace();
      const earlier = await run('a');
      const interrupted = new InterruptedStore(store, call, async () => {
        await finalize(store, await run('b', 'overwrite'));
      });
      let refused = false;
      await finalize(interrupted, earlier).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ShardmillError);
        refused = true;
      });
      const last = (await history(store)).at(-1);
      expect(last).toEqual(interrupted.called ? ['b'] : ['a']);
      expect(await commitsOf(store, 'a')).toBeLessThanOrEqual(1);
      if (!interrupted.called) expect(refused).toBe(false);
      if (!interrupted.called) break;
    }
  });

  it('follows on what other programs commit meanwhile', async () => {
    const { store, run } = newPlace();
    await finalize(store, await run('a'));
    const second = await run('b', 'overwrite');
    let version = 0;
    const busy = new (class extends MemoryStore {
      override async create(...[key, content]: Parameters<MemoryStore['create']>) {
        if (key.startsWith('_delta_log/') && version < 3) {
          version++;
          await commit(store, version, [addOf(`other-${version}.parquet`, 5)]);
        }
        return super.create(key, content);
      }
    })(store.uri, store.objects);
    await finalize(busy, second);
    expect((await history(store)).at(-1)).toEqual(['b']);
    const text = Buffer.from((await store.read(commitKey(4))) ?? []).toString();
    expect(text).toContain('"remove":{"path":"other-3.parquet"');
  });

  it('is refused where another program changed the columns meanwhile, and nothing is made', async () => {
    const { store, run } = newPlace();
    await finalize(store, await run('a'));
    const second = await run('b');
    await commit(store, 1, [metaDataOf([{ name: 'other', type: 'long' }])]);
    await expect(finalize(store, second)).rejects.toMatchObject({
      code: 'TABLE_MISMATCH',
      message: expect.stringContaining('the table has no column "score" (FLOAT)'),
    });
    expect(await commitsOf(store, 'b')).toBe(0);
    expect(await store.head(SUCCESS_KEY)).toBeUndefined();
  });

  it('is refused in mode create where a table came to be meanwhile', async () => {
    const { store, run } = newPlace();
    const one = await run('a', 'create');
    await commit(store, 0, [PROTOCOL, metaDataOf([{ name: 'score', type: 'float' }])]);
    await expect(finalize(store, one)).rejects.toMatchObject({ code: 'TABLE_CONFLICT' });
  });

  it('is given up where others are always first', async () => {
    const { store, run } = newPlace();
    const one = await run('a');
    let version = -1;
    const busy = new (class extends MemoryStore {
      override async create(...[key, content]: Parameters<MemoryStore['create']>) {
        if (key.startsWith('_delta_log/')) {
          const schema = metaDataOf([{ name: 'score', type: 'float' }]);
          await commit(store, ++version, version === 0 ? [PROTOCOL, schema] : []);
        }
        return super.create(key, content);
      }
    })(store.uri, store.objects);
    await expect(finalize(busy, one)).rejects.toMatchObject({
      code: 'TABLE_CONFLICT',
      message: 'other programs committed 50 versions, each before this run could',
    });
  });
});
