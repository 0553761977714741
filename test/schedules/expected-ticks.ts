/**
 * When a cron expression is due, worked out without the library in use: every minute of a year is
 * looked at, with the offsets of the zone from ICU. It knows what these tests need: minutes and hours
 * as lists, ranges and steps, any day.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Ticks after one instant up to another, in milliseconds since 1970. */
export function expectedTicks(cron: string, zone: string, after: number, to: number): number[] {
  const [minuteField = '', hourField = ''] = cron.split(' ');
  const minutes = valuesOf(minuteField, 60);
  const hours = valuesOf(hourField, 24);
  const from = after - (after % MINUTE_MS);
  const offsets = new Offsets(zone, from - 2 * DAY_MS, to + 2 * DAY_MS);
  const isFixed = !/[*/]/.test(minuteField + hourField);
  const ticks = isFixed
    ? fixedTicks(minutes, hours, offsets, after, to)
    : everyTick(minutes, hours, offsets, after, to);
  return ticks.filter((tick) => tick > after && tick <= to);
}

/** With a wildcard or a step: every minute that passes and reads like that. */
function everyTick(
  minutes: ReadonlySet<number>,
  hours: ReadonlySet<number>,
  offsets: Offsets,
  after: number,
  to: number,
): number[] {
  const ticks: number[] = [];
  for (let instant = after - (after % MINUTE_MS); instant <= to; instant += MINUTE_MS) {
    const wall = new Date(instant + offsets.at(instant));
    if (minutes.has(wall.getUTCMinutes()) && hours.has(wall.getUTCHours())) ticks.push(instant);
  }
  return ticks;
}

/** A time of day: the first moment that reads like that, or the end of the gap that leaves it out. */
function fixedTicks(
  minutes: ReadonlySet<number>,
  hours: ReadonlySet<number>,
  offsets: Offsets,
  after: number,
  to: number,
): number[] {
  const ticks = new Set<number>();
  for (let day = after - (after % DAY_MS) - DAY_MS; day <= to + DAY_MS; day += DAY_MS) {
    for (const hour of hours) {
      for (const minute of minutes) {
        ticks.add(offsets.firstMoment(day + (hour * 60 + minute) * MINUTE_MS));
      }
    }
  }
  return [...ticks].toSorted((a, b) => a - b);
}

function valuesOf(field: string, count: number): Set<number> {
  const values = new Set<number>();
  for (const item of field.split(',')) {
    const [range = '', step = '1'] = item.split('/');
    const [first, last = first] = range === '*' ? ['0', String(count - 1)] : range.split('-');
    for (let value = Number(first); value <= Number(last); value += Number(step)) values.add(value);
  }
  return values;
}

/** How far a zone's clocks are ahead of UTC, at every instant of a time. */
class Offsets {
  /** Instants from which on an offset holds. */
  readonly #changes: { readonly from: number; readonly offset: number }[] = [];
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string, from: number, to: number) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    let offset = this.#ask(from);
    this.#changes.push({ from: Number.NEGATIVE_INFINITY, offset });
    for (let instant = from; instant <= to; instant += HOUR_MS) {
      if (this.#ask(instant) === offset) continue;
      let moment = instant - HOUR_MS;
      while (this.#ask(moment) === offset) moment += MINUTE_MS;
      offset = this.#ask(moment);
      this.#changes.push({ from: moment, offset });
    }
  }

  at(instant: number): number {
    return this.#changes.findLast(({ from }) => from <= instant)?.offset ?? 0;
  }

  /** @param wall what the clocks read, as milliseconds of UTC. */
  firstMoment(wall: number): number {
    const moments = this.#changes
      .map(({ offset }) => wall - offset)
      .filter((moment) => moment + this.at(moment) === wall);
    if (moments.length > 0) return Math.min(...moments);
    const gap = this.#changes.find(({ from, offset }, index) => {
      const before = this.#changes[index - 1]?.offset ?? offset;
      return from + before <= wall && wall < from + offset;
    });
    if (gap === undefined) throw new Error(`no clock reads ${new Date(wall).toISOString()}`);
    return gap.from;
  }

  #ask(instant: number): number {
    const name = this.#format
      .formatToParts(instant)
      .find(({ type }) => type === 'timeZoneName')?.value;
    const [, sign, hours = '0', minutes = '0'] =
      /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name ?? '') ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  }
}
