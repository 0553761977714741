import type { SyncedSchedule } from '@shardmill/client/schedules';
import { plural } from '../text/format.js';
import { shortPath } from '../text/shorten-paths.js';
import type { Colors, Style } from '../text/style.js';
import { wrapText } from '../text/text-layout.js';

const SIGNS: Readonly<Record<SyncedSchedule['outcome'], string>> = {
  added: '+',
  changed: '~',
  removed: '-',
  unchanged: ' ',
  kept: ' ',
};

/** What `schedule sync` prints: what is added, changed and removed, or would be. */
export function syncReport(
  synced: readonly SyncedSchedule[],
  dryRun: boolean,
  { colors, cwd, width }: Style,
): string {
  const lines = synced.flatMap((one) => {
    const { name, outcome, file, changes, notices } = one;
    const where = file === null ? 'not in the folder' : shortPath(file, cwd);
    const hint = outcome === 'kept' ? ', kept: --prune removes it' : '';
    const tint = tintOf(outcome, colors);
    return [
      `${tint(`${SIGNS[outcome]} ${name}`)}  ${colors.dim(`${outcome === 'kept' ? '' : `${outcome}, `}${where}${hint}`)}`,
      ...changes.map((place) => `    ${place}`),
      ...notices.map((notice) => `    ${colors.yellow('note')}  ${wrapText(notice, width, 10)}`),
    ];
  });
  const count = (outcome: SyncedSchedule['outcome']): number =>
    synced.filter((one) => one.outcome === outcome).length;
  const [added, changed, removed] = [count('added'), count('changed'), count('removed')];
  const left = synced.length - added - changed - removed;
  const sum = `${added} added, ${changed} changed, ${removed} removed, ${left} as before`;
  return [
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    dryRun
      ? `${sum}  ${colors.dim('nothing was changed')}`
      : `${colors.green('✓')} ${plural(synced.length, 'schedule')}: ${sum}`,
  ].join('\n');
}

function tintOf(outcome: SyncedSchedule['outcome'], colors: Colors): (text: string) => string {
  switch (outcome) {
    case 'added':
      return colors.green;
    case 'changed':
      return colors.yellow;
    case 'removed':
      return colors.red;
    case 'unchanged':
    case 'kept':
      return (text) => text;
    default: {
      const unknown: never = outcome;
      return unknown;
    }
  }
}
