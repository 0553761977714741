import type { ListedSchedule } from '@shardmill/client/schedules';
import type { Style } from '../text/style.js';
import { table, truncate } from '../text/text-layout.js';
import { scheduleStateText } from './state-text.js';
import { distanceText, spanText } from './time-text.js';

/** On a narrower terminal the expressions are left out: `schedule show` has them. */
const WIDE = 90;
const NAME_ROOM = 12;
const OTHER_COLUMNS = 44;

/** What `schedule list` prints. */
export function schedulesTable(
  schedules: readonly ListedSchedule[],
  now: number,
  { colors, width }: Style,
): string {
  if (schedules.length === 0) {
    return `no schedules  ${colors.dim('set one with: shardmill schedule set JOB')}`;
  }
  const wide = width >= WIDE;
  const room = Math.max(NAME_ROOM, width - OTHER_COLUMNS - (wide ? 38 : 0));
  const heads = ['schedule', 'state', 'last', 'next', 'late', ...(wide ? ['cron', 'zone'] : [])];
  const rows = schedules.map((one) => [
    truncate(one.name, room),
    scheduleStateText(one.state, colors),
    one.last === null ? colors.dim('–') : distanceText(one.last.tick, now),
    one.next === null ? colors.dim('–') : distanceText(one.next, now),
    one.latenessMs > 0 ? colors.red(spanText(one.latenessMs)) : '',
    ...(wide ? [truncate(one.cron, 16), truncate(one.timezone, 18)] : []),
  ]);
  const lines = table([heads.map((head) => colors.dim(head)), ...rows], [], 0);
  return lines.join('\n');
}
