import { describe, expect, it } from 'vitest';
import { commitKey, listLog } from '../../delta/log/log-files.js';
import { readSnapshot } from '../../delta/log/read-snapshot.js';
import { fileKey } from '../../delta/read/file-key.js';
import { beginRun } from '../../output/begin-run.js';
import { findFinishedRun } from '../../output/find-finished-run.js';
import { openOutput } from '../../output/open-output.js';
import { addOf, commit } from '../../testing/delta-table.js';
import { MemoryStore } from '../../testing/memory-store.js';
import {
  commitsOf,
  DyingStore,
  finalize,
  InterruptedStore,
  newPlace,
} from '../../testing/table-runs.js';

/** Of each version, the runs that have files in each partition, by reading the log anew. */
async function history(store: MemoryStore): Promise<Record<string, string>[]> {
  const log = await listLog(store);
  const states: Record<string, string>[] = [];
  for (const version of log?.commits.keys() ?? []) {
    expect(version).toBe(states.length);
    const snapshot = log && (await readSnapshot({ store }, log, version));
    const runs: Record<string, string> = {};
    for (const { path, size, partitionValues } of snapshot?.files.values() ?? []) {
      const run = /part-(.+)-\d{6}-\d{6}\./.exec(path)?.[1];
      // Readers of every version find its files, whatever was replaced.
      if (run !== undefined) {
        expect((await store.head(fileKey(path, store.uri, 'log')))?.bytes).toBe(size);
      }
      const value = partitionValues['p'] ?? 'null';
      const known = new Set((runs[value] ?? '').split(' ').filter((name) => name !== ''));
      runs[value] = [...known.add(run ?? path)].toSorted().join(' ');
    }
    states.push(runs);
  }
  return states;
}

const last = async (store: MemoryStore) => (await history(store)).at(-1);

describe('a run that replaces partitions of a table', () => {
  it('replaces those that it writes, and no others', async () => {
    const { store, run } = newPlace(['p']);
    await finalize(store, await run('a', 'replace-partitions', ['x', 'y']));
    await finalize(store, await run('b', 'append', ['y', null]));
    await finalize(store, await run('c', 'replace-partitions', ['y', 'z']));
    await finalize(store, await run('d', 'replace-partitions', [null]));
    expect(await history(store)).toEqual([
      { x: 'a', y: 'a' },
      { x: 'a', y: 'a b', null: 'b' },
      { x: 'a', y: 'c', z: 'c', null: 'b' },
      { x: 'a', y: 'c', z: 'c', null: 'd' },
    ]);
    const text = Buffer.from((await store.read(commitKey(2))) ?? []).toString();
    const [info] = text.split('\n').map((line) => JSON.parse(line === '' ? '{}' : line));
    expect(info.commitInfo).toMatchObject({
      operationParameters: { mode: 'Overwrite', partitionBy: '["p"]' },
      isBlindAppend: false,
    });
  });

  it('can be repeated, and gives the same; one that is unfinished goes on', async () => {
    const { store, run } = newPlace(['p']);
    await finalize(store, await run('a', 'append', ['x', 'y']));
    const first = await run('b', 'replace-partitions', ['x'], '/data/day');
    expect(await openOutput(store, first.plan)).toMatchObject({ kind: 'resume' });
    await finalize(store, first);
    expect(await findFinishedRun(store, first.plan)).toMatchObject({ runId: 'b' });
    expect(await openOutput(store, first.plan)).toMatchObject({ kind: 'fresh' });
    const again = await run('c', 'replace-partitions', ['x'], '/data/day');
    expect(again.plan.digest).toBe(first.plan.digest);
    await finalize(store, again);
    expect((await history(store)).slice(1)).toEqual([
      { x: 'b', y: 'a' },
      { x: 'c', y: 'a' },
    ]);
    // What came later may have replaced it: it is no answer to whether that was done.
    await finalize(store, await run('d', 'replace-partitions', ['x']));
    expect(await findFinishedRun(store, first.plan)).toBeUndefined();
    expect(await findFinishedRun(store, { ...first.plan, mode: 'append' })).toBeDefined();
  });

  it('begins beside unfinished runs, and is not gone on with in another mode', async () => {
    const { store, run } = newPlace(['p']);
    await run('a', 'append', ['x'], '/data/1');
    const other = await run('b', 'replace-partitions', ['x']);
    const asked = async (mode: 'append' | 'overwrite' | 'replace-partitions', data: string) => {
      const { plan } =
        { '/data/1': await run('c', 'append', ['x'], '/data/1'), b: other }[data] ?? other;
      return openOutput(store, { ...plan, mode }).then(
        ({ kind }) => kind,
        ({ code }: { code: string }) => code,
      );
    };
    expect(await asked('replace-partitions', '/data/1')).toBe('fresh');
    expect(await asked('append', '/data/1')).toBe('resume');
    expect(await asked('replace-partitions', 'b')).toBe('resume');
    expect(await asked('append', 'b')).toBe('OUTPUT_EXISTS');
    expect(await asked('overwrite', 'b')).toBe('fresh');
  });

  it.each(['before', 'after'] as const)(
    'is committed once, whichever write a finalizer is killed %s',
    async (dies) => {
      let [deaths, done] = [0, false];
      for (; !done; deaths++) {
        const { store, run } = newPlace(['p']);
        await finalize(store, await run('a', 'append', ['x', 'y']));
        const second = await run('b', 'replace-partitions', ['x']);
        done = await finalize(new DyingStore(store, deaths, dies), second).then(
          () => true,
          () => false,
        );
        await finalize(store, second);
        await finalize(store, second);
        expect((await history(store)).slice(1)).toEqual([{ x: 'b', y: 'a' }]);
        expect(await commitsOf(store, 'b')).toBe(1);
      }
      expect(deaths).toBeGreaterThan(3);
    },
  );

  it('is committed beside one that replaces other partitions, wherever that comes between', async () => {
    for (let call = 0; ; call++) {
      const { store, run } = newPlace(['p']);
      await finalize(store, await run('zero', 'append', ['x', 'y']));
      const one = await run('a', 'replace-partitions', ['x']);
      const other = await run('b', 'replace-partitions', ['y']);
      const interrupted = new InterruptedStore(store, call, () => finalize(store, other));
      await finalize(interrupted, one);
      if (!interrupted.called) await finalize(store, other);
      expect(await last(store)).toEqual({ x: 'a', y: 'b' });
      expect([await commitsOf(store, 'a'), await commitsOf(store, 'b')]).toEqual([1, 1]);
      if (!interrupted.called) break;
    }
  });

  it.each(['replace-partitions', 'append'] as const)(
    'is refused once a later run (%s) has written to its partition, or committed before it',
    async (mode) => {
      for (let call = 0; ; call++) {
        const { store, run } = newPlace(['p']);
        await finalize(store, await run('zero', 'append', ['x', 'y']));
        const earlier = await run('a', 'replace-partitions', ['x']);
        let refused = false;
        const interrupted = new InterruptedStore(store, call, async () => {
          await finalize(store, await run('b', mode, ['x']));
        });
        await finalize(interrupted, earlier).catch((error: unknown) => {
          expect(error).toMatchObject({
            code: 'TABLE_CONFLICT',
            message: expect.stringMatching(/^run b, which began after this one, .*: p = x$/),
          });
          refused = true;
        });
        const both = mode === 'append' ? (refused ? 'b zero' : 'a b') : 'b';
        expect(await last(store)).toEqual({ x: interrupted.called ? both : 'a', y: 'zero' });
        expect(await commitsOf(store, 'a')).toBe(refused ? 0 : 1);
        if (!interrupted.called) break;
        if (!refused) continue;
        // Who starts it once more has seen the later run.
        await beginRun(store, earlier.plan, 'again');
        await finalize(store, earlier);
        expect(await last(store)).toEqual({ x: 'a', y: 'zero' });
      }
    },
  );

  it('replaces what an earlier run appends to its partition before it, and no more', async () => {
    for (let call = 0; ; call++) {
      const { store, run } = newPlace(['p']);
      const appending = await run('a', 'append', ['x', 'y']);
      const replacing = await run('b', 'replace-partitions', ['x']);
      const interrupted = new InterruptedStore(store, call, () => finalize(store, appending));
      await finalize(interrupted, replacing);
      if (!interrupted.called) break;
      expect([
        { x: 'b', y: 'a' },
        { x: 'a b', y: 'a' },
      ]).toContainEqual(await last(store));
    }
  });

  it('replaces what other programs commit to its partitions meanwhile', async () => {
    const { store, run } = newPlace(['p']);
    await finalize(store, await run('a', 'append', ['x', 'y']));
    const second = await run('b', 'replace-partitions', ['x']);
    let version = 0;
    const busy = new (class extends MemoryStore {
      override async create(...[key, content]: Parameters<MemoryStore['create']>) {
        if (key.startsWith('_delta_log/') && version < 2) {
          version++;
          const file = (p: string) => addOf(`${p}-${version}`, 1, { partitionValues: { p } });
          await commit(store, version, [file('x'), file('y')]);
        }
        return super.create(key, content);
      }
    })(store.uri, store.objects);
    await finalize(busy, second);
    expect(await last(store)).toEqual({ x: 'b', y: 'a y-1 y-2' });
  });
});
