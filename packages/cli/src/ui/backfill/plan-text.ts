import type { DateChoice, PlannedBackfill } from '@shardmill/client/backfill';
import { formatCount, formatDuration, plural } from '../text/format.js';
import type { Style } from '../text/style.js';
import { table, truncate, wrapText } from '../text/text-layout.js';
import { dateText, middleCut } from './date-text.js';

/** Dates that are shown; of more, the first and the last half of these. */
const MAX_SHOWN = 200;

/** Each date with why it is taken or left out, and what all that are taken come to. */
export function backfillPlanText(
  { choices, request, timezone, estimate }: PlannedBackfill,
  { colors, width }: Style,
): string {
  const show = dateText(
    choices.map(({ due }) => due.ts),
    timezone,
  );
  const line = ({ due, why, taken }: DateChoice): string[] => [
    taken === undefined ? colors.dim('·') : colors.green('+'),
    show(due.ts),
    taken === undefined ? colors.dim(whyText(why, width)) : whyText(why, width),
  ];
  const cut = (count: number): string => `  … ${formatCount(count)} more: --json has all of them`;
  const lines = table(choices.length <= MAX_SHOWN ? choices.map(line) : [], [], 0);
  const some =
    lines.length > 0
      ? lines
      : middleCut(choices, MAX_SHOWN, (choice) => line(choice).join('  '), cut);
  const { dates, maxActive, place } = request;
  const left = choices.length - dates.length;
  const order = isReversed(dates) ? 'the newest first' : 'the oldest first';
  const atOnce = Math.min(maxActive, Math.max(1, dates.length));
  const sum = [
    `${plural(dates.length, 'date')} to run, ${formatCount(left)} left out`,
    ...(dates.length === 0 ? [] : [`${formatCount(atOnce)} at once, ${order}`]),
    ...(place === 'local' ? ['on this machine'] : []),
  ].join('; ');
  const total =
    estimate === undefined
      ? dates.length === 0
        ? []
        : ['How many rows and how long is not known: no date was scored before.']
      : [
          `About ${plural(estimate.rows, 'row')} and ${formatDuration(estimate.seconds * 1000)}, by ${plural(estimate.from, 'date')} that ${estimate.from === 1 ? 'was' : 'were'} scored.`,
        ];
  return [
    ...some,
    ...(some.length > 0 ? [''] : []),
    wrapText(sum, width, 0),
    ...total.map((text) => wrapText(text, width, 0)),
  ].join('\n');
}

/** Beside the sign and the longest form of a date. */
const whyText = (why: string, width: number): string => truncate(why, Math.max(20, width - 28));

function isReversed(dates: readonly { readonly ts: string }[]): boolean {
  return (dates[0]?.ts ?? '') > (dates.at(-1)?.ts ?? '');
}
