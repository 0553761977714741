import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FleetEvent, subjectOf } from './fleet-events.js';
import { TestFleet } from '../testing/fleet.js';

let fleet: TestFleet;

beforeEach(async () => {
  fleet = await TestFleet.start();
});

afterEach(() => fleet.close());

const rows = { read: 3, scored: 2, rejected: 1, filtered: 0 };

const all: FleetEvent[] = [
  { kind: 'run-changed', run: 'r1' },
  { kind: 'schedule-changed', schedule: 'r1' },
  { kind: 'shard-done', run: 'r1', shard: 4, rows },
  { kind: 'shard-failed', run: 'r1', shard: 5 },
  { kind: 'shard-retried', run: 'r1', shard: 6, code: 'PART_TIMEOUT' },
];

/** Tells until it is heard, since whoever begins to listen may miss what is told just then. */
async function untilHeard(heard: FleetEvent[], tell: () => void): Promise<void> {
  await expect
    .poll(
      () => {
        tell();
        return heard.length;
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0);
}

describe('events of the fleet', () => {
  it('reach all who listen, in every other process, as they were told', async () => {
    const [teller, one, other] = [await fleet.join(), await fleet.join(), await fleet.join()];
    const heard: FleetEvent[][] = [[], []];
    for (const [i, member] of [one, other].entries()) {
      member.events().subscribe((event) => heard[i]?.push(event));
    }
    const events = teller.events();
    const probe = (): void => events.publish({ kind: 'run-changed', run: 'probe' });
    for (const ears of heard) await untilHeard(ears, probe);
    for (const event of all) events.publish(event);
    for (const ears of heard) {
      await expect.poll(() => ears.filter((event) => subjectOf(event) === 'r1')).toEqual(all);
    }
  });

  it('are not told any more to who has unsubscribed', async () => {
    const member = await fleet.join();
    const events = member.events();
    const [kept, ended]: [FleetEvent[], FleetEvent[]] = [[], []];
    events.subscribe((event) => kept.push(event));
    const unsubscribe = events.subscribe((event) => ended.push(event));
    await untilHeard(kept, () => events.publish({ kind: 'run-changed', run: 'r1' }));
    unsubscribe();
    const [told, before] = [kept.length, ended.length];
    events.publish({ kind: 'run-changed', run: 'r2' });
    await expect.poll(() => kept.length).toBeGreaterThan(told);
    expect(ended.filter((event) => subjectOf(event) === 'r2')).toEqual([]);
    expect(ended.length).toBeGreaterThanOrEqual(before);
  });

  it('are heard again after Redis was restarted', async () => {
    const member = await fleet.join();
    const events = member.events();
    const heard: FleetEvent[] = [];
    events.subscribe((event) => heard.push(event));
    await untilHeard(heard, () => events.publish({ kind: 'run-changed', run: 'r1' }));
    await fleet.server.restart();
    heard.length = 0;
    await untilHeard(heard, () => events.publish({ kind: 'run-changed', run: 'r2' }));
    expect(heard.at(-1)).toEqual({ kind: 'run-changed', run: 'r2' });
  });

  it('that were told just before closing are still told', async () => {
    const [listener, teller] = [await fleet.join(), await fleet.join()];
    const heard: FleetEvent[] = [];
    listener.events().subscribe((event) => heard.push(event));
    await untilHeard(heard, () => listener.events().publish({ kind: 'run-changed', run: 'r1' }));
    teller.events().publish({ kind: 'run-changed', run: 'last' });
    await teller.close();
    await expect.poll(() => heard.at(-1)).toEqual({ kind: 'run-changed', run: 'last' });
  });

  it('that make no sense are passed over', async () => {
    const events = (await fleet.join()).events();
    const heard: FleetEvent[] = [];
    events.subscribe((event) => heard.push(event));
    await untilHeard(heard, () => events.publish({ kind: 'run-changed', run: 'r1' }));
    heard.length = 0;
    for (const text of ['{', '{"kind":"new"}', '7']) {
      await fleet.server.command('PUBLISH', '{shardmill}/events', text);
    }
    events.publish({ kind: 'run-changed', run: 'r2' });
    await expect
      .poll(() => heard.filter((event) => subjectOf(event) !== 'r1'))
      .toEqual([{ kind: 'run-changed', run: 'r2' }]);
  });
});
