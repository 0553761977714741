import { expect, it } from 'vitest';
import { backfillOf, datesOf } from '../../testing/backfill.js';
import { MemoryStore } from '../../testing/memory-store.js';
import { activeBackfillKey } from './backfill-layout.js';
import { BackfillRegistry } from './backfill-registry.js';
import { collectBackfills } from './collect-backfills.js';

const ENDED = new Date('2026-11-02T00:00:00Z');
const [OLD, NEW, ON] = [
  '20261101T000000Z-00000001',
  '20261101T000000Z-00000002',
  '20261101T000000Z-00000003',
];

async function filled(): Promise<MemoryStore> {
  const store = new MemoryStore('memory:');
  const registry = new BackfillRegistry(store);
  for (const [id, endedAt] of [
    [OLD, ENDED],
    [NEW, new Date('2026-11-20T00:00:00Z')],
    [ON, undefined],
  ] as const) {
    const begun = await registry.submit(backfillOf('/out', { id, dates: datesOf(1) }));
    await registry.noteOutcome(id, datesOf(1)[0]?.ts ?? '', 0, {
      outcome: 'finished',
      at: ENDED.toISOString(),
      run: 'r1',
      runRound: 0,
      rows: null,
      seconds: null,
      error: null,
    });
    if (endedAt !== undefined) await registry.end(begun, 'finished', endedAt);
  }
  // A submission that died after its marker.
  await store.create(activeBackfillKey('20261101T000000Z-00000004', 0), Buffer.from('{}'));
  return store;
}

it('deletes what ended long ago, and what a submission left that died, and nothing else', async () => {
  const store = await filled();
  const before = Date.parse('2026-11-10T00:00:00Z');
  const would = await collectBackfills(store, before, true);
  expect(store.objects.size).toBe(10);
  expect(await collectBackfills(store, before, false)).toEqual(would);
  expect(would).toHaveLength(4);
  const registry = new BackfillRegistry(store);
  expect(await registry.find(OLD)).toBeUndefined();
  expect([...store.objects.keys()].filter((key) => key.includes(OLD))).toEqual([]);
  expect((await registry.find(NEW))?.phase).toBe('finished');
  expect(await registry.outcomes(NEW)).toHaveLength(1);
  expect(await registry.active()).toEqual([{ id: ON, round: 0 }]);
});
