import type { ListedTick, ScheduleState } from '@shardmill/client/schedules';
import type { Colors } from '../text/style.js';

/** `✓ ok`, `✗ failed`: a sign and a word, in the colour of the state. */
export function scheduleStateText(state: ScheduleState, colors: Colors): string {
  switch (state) {
    case 'ok':
      return colors.green('✓ ok');
    case 'running':
      return colors.cyan('● running');
    case 'failed':
      return colors.red('✗ failed');
    case 'late':
      return colors.red('✗ late');
    case 'queued':
    case 'retrying':
      return colors.yellow(`… ${state}`);
    case 'skipped':
      return colors.yellow('– skipped');
    case 'new':
      return colors.dim('… new');
    case 'paused':
    case 'disabled':
    case 'ended':
      return colors.dim(`– ${state}`);
    default: {
      const unknown: never = state;
      return unknown;
    }
  }
}

export function tickPhaseText(phase: ListedTick['phase'], colors: Colors): string {
  switch (phase) {
    case 'finished':
      return colors.green('✓ finished');
    case 'running':
      return colors.cyan('● running');
    case 'failed':
      return colors.red('✗ failed');
    case 'queued':
    case 'retrying':
      return colors.yellow(`… ${phase}`);
    case 'skipped':
    case 'cancelled':
      return colors.dim(`– ${phase}`);
    default: {
      const unknown: never = phase;
      return unknown;
    }
  }
}

/** Why there is no run, or what happened to it, in a few words. */
export function tickRemark(tick: ListedTick): string {
  const { reason, ticks, error, attempts, overdue, retryAt, triggered } = tick;
  const many = ticks !== null && ticks > 1 ? `${ticks} ticks, ` : '';
  return [
    ...(triggered ? ['asked for'] : []),
    ...(reason === null ? [] : [many + (REASONS[reason] ?? reason)]),
    ...(error === null ? [] : [error.code]),
    ...(attempts > 1 ? [`attempt ${attempts}`] : []),
    ...(retryAt === null ? [] : ['will be tried again']),
    ...(overdue ? ['past its deadline'] : []),
  ].join(', ');
}

const REASONS: Readonly<Record<string, string>> = {
  overlap: 'an earlier run went on',
  missed: 'no scheduler was there',
  replaced: 'a later tick took its place',
  'queue-full': 'too many were waiting',
  removed: 'the schedule was removed',
};
