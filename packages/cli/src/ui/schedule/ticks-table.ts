import type { ListedTick } from '@shardmill/client/schedules';
import { formatDuration } from '../text/format.js';
import type { Style } from '../text/style.js';
import { table, truncate } from '../text/text-layout.js';
import { tickPhaseText, tickRemark } from './state-text.js';
import { utcTime, zonedTime } from './time-text.js';

/** On a narrower terminal, how long it took and the ids of runs are left out. */
const WIDE = 90;

/** What `schedule history` prints, the latest first. */
export function ticksTable(
  name: string,
  ticks: readonly ListedTick[],
  timezone: string,
  now: number,
  { colors, width }: Style,
): string {
  if (ticks.length === 0) return `no tick of ${name} has come yet`;
  const wide = width >= WIDE;
  const room = Math.max(12, width - (wide ? 78 : 38));
  const rows = ticks.map((tick) => [
    zonedTime(tick.tick, timezone),
    tickPhaseText(tick.phase, colors),
    ...(wide ? [tookText(tick, now), tick.run ?? ''] : []),
    truncate(tickRemark(tick), room),
  ]);
  const heads = ['tick', 'state', ...(wide ? ['took', 'run'] : []), ''];
  return table(
    [heads.map((head) => colors.dim(head)), ...rows],
    wide ? ['left', 'left', 'right'] : [],
    0,
  ).join('\n');
}

function tookText({ startedAt, endedAt }: ListedTick, now: number): string {
  if (startedAt === null) return '';
  const end = endedAt === null ? now : Date.parse(endedAt);
  return formatDuration(Math.max(0, end - Date.parse(startedAt)));
}

/** What `schedule next` prints: in the schedule's zone, and in UTC. */
export function nextTable(
  name: string,
  { timezone, ticks }: { readonly timezone: string; readonly ticks: readonly number[] },
  { colors }: Style,
): string {
  if (ticks.length === 0) return `no tick of ${name} is to come`;
  const rows = ticks.map((tick) => [zonedTime(tick, timezone), utcTime(tick)]);
  return table([[colors.dim(timezone), colors.dim('UTC')], ...rows], [], 0).join('\n');
}
