import { type ObjectStore, ShardmillError } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { createOnce } from '../../state/run-log.js';
import { allowsNext, foldTick, isOpen, newTick, type TickRecord } from './fold-tick.js';
import {
  eventOfKey,
  OPEN_TICKS_PREFIX,
  openTickKey,
  type TickId,
  tickKey,
  tickOfMarker,
  ticksPrefix,
} from '../store/schedule-layout.js';
import type { TickEvent } from './tick-event.js';
import { parseTickEvent } from './tick-schema.js';

/**
 * What became of the ticks of all schedules. The conditional create of a tick's first event is what
 * makes one run of a tick, with any number of schedulers and whatever their clocks say.
 */
export class TickLog {
  constructor(readonly store: ObjectStore) {}

  /** @returns undefined where nothing was decided about it. @throws PLAN_MISMATCH */
  async find(schedule: string, id: TickId): Promise<TickRecord | undefined> {
    return this.#readOn(schedule, id, undefined);
  }

  /** The same tick with what has happened since. @throws PLAN_MISMATCH */
  async refresh(seen: TickRecord): Promise<TickRecord> {
    return (await this.#readOn(seen.schedule, seen.id, seen)) ?? seen;
  }

  /**
   * Decides what becomes of a tick about which nothing was decided.
   * @returns what was decided by the first that did, and whether that was this one.
   */
  async decide(
    schedule: string,
    id: TickId,
    event: TickEvent,
  ): Promise<{ readonly tick: TickRecord; readonly decided: boolean }> {
    if (!allowsNext(undefined, event.kind)) {
      throw new RangeError(`a tick cannot begin with "${event.kind}"`);
    }
    // A marker too many is put right by schedulers; an open tick without one would be forgotten.
    const open = isOpen(newTick(schedule, id, event));
    if (open) await this.store.create(openTickKey(schedule, id), MARKER);
    const decided = await createOnce(this.store, tickKey(schedule, id, 0), event);
    const tick = await this.find(schedule, id);
    if (tick === undefined) {
      throw new ShardmillError('PLAN_MISMATCH', 'what was decided about a tick is gone', {
        where: this.store.locate(tickKey(schedule, id, 0)),
      });
    }
    if (open && !isOpen(tick)) await this.clearMarker(tick);
    return { tick, decided };
  }

  /**
   * Appends an event after exactly what `seen` has.
   * @returns the tick with it; undefined where another event was there first.
   */
  async append(seen: TickRecord, event: TickEvent): Promise<TickRecord | undefined> {
    if (!allowsNext(seen, event.kind)) {
      throw new RangeError(`"${event.kind}" cannot follow on "${seen.phase}"`);
    }
    const key = tickKey(seen.schedule, seen.id, seen.events.length);
    if (!(await createOnce(this.store, key, event))) return undefined;
    const tick = foldTick(seen, event);
    if (!isOpen(tick)) await this.clearMarker(tick);
    return tick;
  }

  /** Ticks that may not have ended. */
  async *open(): AsyncIterable<{ readonly name: string; readonly id: TickId }> {
    for await (const { key } of this.store.list(OPEN_TICKS_PREFIX)) {
      const marker = tickOfMarker(key);
      if (marker !== undefined) yield marker;
    }
  }

  /** The same, by the names of their schedules. */
  async openBySchedule(): Promise<Map<string, TickId[]>> {
    const open = new Map<string, TickId[]>();
    for await (const { name, id } of this.open()) open.set(name, [...(open.get(name) ?? []), id]);
    return open;
  }

  async clearMarker({ schedule, id }: Pick<TickRecord, 'schedule' | 'id'>): Promise<void> {
    await this.store.delete(openTickKey(schedule, id));
  }

  /** All ticks of a schedule about which something was decided, from one listing, in their order. */
  async ids(schedule: string): Promise<TickId[]> {
    const ids: TickId[] = [];
    for await (const { key } of this.store.list(ticksPrefix(schedule))) {
      const event = eventOfKey(key);
      if (event?.number === 0) ids.push(event.id);
    }
    return ids;
  }

  async #readOn(
    schedule: string,
    id: TickId,
    seen: TickRecord | undefined,
  ): Promise<TickRecord | undefined> {
    for (let known = seen; ; ) {
      const key = tickKey(schedule, id, known?.events.length ?? 0);
      const bytes = await this.store.read(key);
      if (bytes === undefined) return known;
      const event = parseTickEvent(parseJson(bytes));
      const fault =
        typeof event === 'string'
          ? event
          : allowsNext(known, event.kind)
            ? undefined
            : `"${event.kind}" cannot follow on "${known?.phase ?? 'nothing'}"`;
      if (typeof event === 'string' || fault !== undefined) {
        throw new ShardmillError(
          'PLAN_MISMATCH',
          `the log of a tick of ${schedule} cannot be read: ${fault}`,
          { where: this.store.locate(key) },
        );
      }
      known = known === undefined ? newTick(schedule, id, event) : foldTick(known, event);
      if (!isOpen(known)) return known;
    }
  }
}

const MARKER = Buffer.from('{}');
