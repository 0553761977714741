import type { ListedTick, ShownSchedule } from '@shardmill/client/schedules';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { type Field, fieldLines, optionalField } from '../text/text-layout.js';
import { scheduleStateText, tickPhaseText, tickRemark } from './state-text.js';
import { distanceText, spanText, zonedTime } from './time-text.js';

/** What `schedule show` prints. */
export function scheduleReport(shown: ShownSchedule, now: number, style: Style): string {
  const { colors, cwd, width } = style;
  const { definition, timezone } = shown;
  const { job, jobFile, params, priority } = definition.work;
  const { schedule } = job;
  const at = (ms: number): string => `${zonedTime(ms, timezone)}, ${distanceText(ms, now)}`;
  const tickText = (tick: ListedTick): string =>
    [
      `${zonedTime(tick.tick, timezone)}  ${tickPhaseText(tick.phase, colors)}`,
      tickRemark(tick),
      tick.run === null ? '' : colors.dim(tick.run),
    ]
      .filter((text) => text !== '')
      .join('  ');
  const inputs = Array.isArray(job.input.uri) ? job.input.uri.join('\n') : job.input.uri;
  const values = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const limits = [
    `overlap ${schedule.overlap}`,
    `catch up ${schedule.catchUp}`,
    schedule.retries > 0 ? `${schedule.retries} retries after ${schedule.retryDelay}` : '',
    schedule.deadline === undefined ? '' : `deadline ${schedule.deadline}`,
    schedule.jitter === undefined ? '' : `jitter ${schedule.jitter}`,
  ];
  const fields: Field[] = [
    ['state', scheduleStateText(shown.state, colors)],
    ['cron', `${shown.cron}  ${colors.dim(timezone)}`],
    ...optionalField('from', schedule.start),
    ...optionalField('until', schedule.end),
    ...optionalField('next', shown.next === null ? undefined : at(shown.next)),
    ...optionalField(
      'late',
      shown.latenessMs > 0 ? colors.red(spanText(shown.latenessMs)) : undefined,
    ),
    ...shown.open.map((tick): Field => ['now', tickText(tick)]),
    ...optionalField('last', shown.last === null ? undefined : tickText(shown.last)),
    ...optionalField(
      'success',
      shown.lastSuccess === null ? undefined : at(shown.lastSuccess.tick),
    ),
    ['rules', limits.filter((text) => text !== '').join(', ')],
    ['job', `${job.name}  ${colors.dim(shortPath(jobFile, cwd))}`],
    ['input', inputs],
    ['output', `${job.output.uri}  ${colors.dim(job.output.mode)}`],
    ...optionalField('params', values.join('  ')),
    ...optionalField('priority', priority === 50 ? undefined : String(priority)),
    [
      'set',
      `version ${definition.version}, ${definition.change} ${definition.at} by ${definition.by}`,
    ],
  ];
  return [`schedule ${colors.bold(shown.name)}`, '', ...fieldLines(fields, colors.dim, width)].join(
    '\n',
  );
}
