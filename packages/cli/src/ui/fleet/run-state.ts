import type { RunState, RunView } from '@shardmill/queue';
import type { Colors } from '../text/style.js';

/** `● running`, `✓ finished`: a sign and a word, in the colour of the state. */
export function stateText(state: RunState, colors: Colors): string {
  return tint(state, colors)(`${SIGNS[state]} ${state}`);
}

/** The sign alone. */
export function stateSign(state: RunState, colors: Colors): string {
  return tint(state, colors)(SIGNS[state]);
}

/** Whether nothing happens to such a run any more by itself. */
export function isEnd(state: RunState): boolean {
  return ['finished', 'failed', 'cancelled', 'skipped'].includes(state);
}

/** Time from submission to the end, or to now. */
export function tookMs(view: Pick<RunView, 'submittedAt' | 'endedAt'>, now: number): number {
  const end = view.endedAt === null ? now : Date.parse(view.endedAt);
  return Math.max(0, end - Date.parse(view.submittedAt));
}

const SIGNS: Record<RunState, string> = {
  waiting: '…',
  submitted: '…',
  planning: '…',
  running: '●',
  finalizing: '…',
  cancelling: '…',
  finished: '✓',
  failed: '✗',
  cancelled: '–',
  skipped: '–',
};

function tint(state: RunState, colors: Colors): (text: string) => string {
  switch (state) {
    case 'running':
      return colors.cyan;
    case 'finished':
      return colors.green;
    case 'failed':
      return colors.red;
    case 'waiting':
    case 'submitted':
    case 'planning':
    case 'finalizing':
    case 'cancelling':
      return colors.yellow;
    case 'cancelled':
    case 'skipped':
      return colors.dim;
    default: {
      const unknown: never = state;
      return unknown;
    }
  }
}
