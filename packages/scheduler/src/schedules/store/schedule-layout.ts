/** Where schedules and their ticks lie, as keys relative to the state location. */

export const SCHEDULES_PREFIX = 'schedules/';
export const OPEN_TICKS_PREFIX = 'open-ticks/';

const NAME = '[a-z0-9][a-z0-9_-]*';

/** The versions of a schedule, numbered from 0; the last one counts. */
export const scheduleKey = (name: string, version: number): string =>
  `${schedulePrefix(name)}${String(version).padStart(6, '0')}.json`;
/** No name has a dot in it, so that none is the beginning of another one here. */
export const schedulePrefix = (name: string): string => `${SCHEDULES_PREFIX}${name}.`;

export function versionOfKey(key: string): { name: string; version: number } | undefined {
  const [, name, version] =
    new RegExp(String.raw`^schedules/(${NAME})\.(\d{6,})\.json$`).exec(key) ?? [];
  return name === undefined ? undefined : { name, version: Number(version) };
}

/**
 * Which tick: `20261122T010000Z` of one that was due, `20261122T010000Z-m000007` of one that
 * version 7 of the schedule asked for.
 */
export type TickId = string;

export function tickId(tick: number, trigger?: number): TickId {
  const stamp = new Date(tick).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return trigger === undefined ? stamp : `${stamp}-m${String(trigger).padStart(6, '0')}`;
}

/** The instant of a tick, and which version asked for it if it was not simply due. */
export function parseTickId(id: TickId): { tick: number; trigger: number | undefined } | undefined {
  const [, day, time, trigger] = /^(\d{8})T(\d{6})Z(?:-m(\d{6,}))?$/.exec(id) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  const clock = `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}`;
  const tick = Date.parse(`${date}T${clock}Z`);
  if (Number.isNaN(tick)) return undefined;
  return { tick, trigger: trigger === undefined ? undefined : Number(trigger) };
}

/** The events of a tick, numbered from 0. Sorted by key, ticks come in the order of time. */
export const tickKey = (name: string, id: TickId, number: number): string =>
  `${ticksPrefix(name)}${id}.${String(number).padStart(3, '0')}.json`;
export const ticksPrefix = (name: string): string => `ticks/${name}/`;

export function eventOfKey(key: string): { name: string; id: TickId; number: number } | undefined {
  const [, name = '', id = '', number] =
    new RegExp(String.raw`^ticks/(${NAME})/([0-9TZm-]+)\.(\d{3,})\.json$`).exec(key) ?? [];
  if (number === undefined || parseTickId(id) === undefined) return undefined;
  return { name, id, number: Number(number) };
}

/** Says that a tick may not have ended: written before its first event, deleted after its last. */
export const openTickKey = (name: string, id: TickId): string =>
  `${OPEN_TICKS_PREFIX}${name}.${id}`;

export function tickOfMarker(key: string): { name: string; id: TickId } | undefined {
  const [, name = '', id = ''] =
    new RegExp(String.raw`^open-ticks/(${NAME})\.([0-9TZm-]+)$`).exec(key) ?? [];
  return parseTickId(id) === undefined ? undefined : { name, id };
}
