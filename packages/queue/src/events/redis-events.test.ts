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
  { kind: 'calls-shrunk', run: 'r1', rows: 32, unit: 'token', lanes: 2 },
];

/** Publishes until an event is received: a new subscriber may miss what is published just then. */
async function untilReceived(received: FleetEvent[], publish: () => void): Promise<void> {
  await expect
    .poll(
      () => {
        publish();
        return received.length;
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0);
}

describe('events of the fleet', () => {
  it('reach all subscribers, in every other process, as they were published', async () => {
    const [publisher, one, other] = [await fleet.join(), await fleet.join(), await fleet.join()];
    const received: FleetEvent[][] = [[], []];
    for (const [i, member] of [one, other].entries()) {
      member.events().subscribe((event) => received[i]?.push(event));
    }
    const events = publisher.events();
    const probe = (): void => events.publish({ kind: 'run-changed', run: 'probe' });
    for (const list of received) await untilReceived(list, probe);
    for (const event of all) events.publish(event);
    for (const list of received) {
      await expect.poll(() => list.filter((event) => subjectOf(event) === 'r1')).toEqual(all);
    }
  });

  it('do not reach a subscriber that has unsubscribed', async () => {
    const member = await fleet.join();
    const events = member.events();
    const [kept, ended]: [FleetEvent[], FleetEvent[]] = [[], []];
    events.subscribe((event) => kept.push(event));
    const unsubscribe = events.subscribe((event) => ended.push(event));
    await untilReceived(kept, () => events.publish({ kind: 'run-changed', run: 'r1' }));
    unsubscribe();
    const [keptBefore, endedBefore] = [kept.length, ended.length];
    events.publish({ kind: 'run-changed', run: 'r2' });
    await expect.poll(() => kept.length).toBeGreaterThan(keptBefore);
    expect(ended.filter((event) => subjectOf(event) === 'r2')).toEqual([]);
    expect(ended.length).toBeGreaterThanOrEqual(endedBefore);
  });

  it('are received again after Redis was restarted', async () => {
    const member = await fleet.join();
    const events = member.events();
    const received: FleetEvent[] = [];
    events.subscribe((event) => received.push(event));
    await untilReceived(received, () => events.publish({ kind: 'run-changed', run: 'r1' }));
    await fleet.server.restart();
    received.length = 0;
    await untilReceived(received, () => events.publish({ kind: 'run-changed', run: 'r2' }));
    expect(received.at(-1)).toEqual({ kind: 'run-changed', run: 'r2' });
  });

  it('that were published just before closing are still received', async () => {
    const [listener, publisher] = [await fleet.join(), await fleet.join()];
    const received: FleetEvent[] = [];
    listener.events().subscribe((event) => received.push(event));
    await untilReceived(received, () =>
      listener.events().publish({ kind: 'run-changed', run: 'r1' }),
    );
    publisher.events().publish({ kind: 'run-changed', run: 'last' });
    await publisher.close();
    await expect.poll(() => received.at(-1)).toEqual({ kind: 'run-changed', run: 'last' });
  });

  it('that make no sense are passed over', async () => {
    const events = (await fleet.join()).events();
    const received: FleetEvent[] = [];
    events.subscribe((event) => received.push(event));
    await untilReceived(received, () => events.publish({ kind: 'run-changed', run: 'r1' }));
    received.length = 0;
    for (const text of ['{', '{"kind":"new"}', '7']) {
      await fleet.server.command('PUBLISH', '{shardmill}/events', text);
    }
    events.publish({ kind: 'run-changed', run: 'r2' });
    await expect
      .poll(() => received.filter((event) => subjectOf(event) !== 'r1'))
      .toEqual([{ kind: 'run-changed', run: 'r2' }]);
  });
});
