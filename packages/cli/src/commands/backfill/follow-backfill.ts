import { setTimeout as sleep } from 'node:timers/promises';
import { endOfBackfill, lookAtBackfill, type SeenBackfill } from '@shardmill/client/backfill';
import type { Fleet } from '@shardmill/client/fleet';
import { watchInterrupts } from '../../interrupts.js';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { progressText } from '../../ui/backfill/backfill-text.js';
import { LiveLines } from '../../ui/text/live-lines.js';

const LOOK_MS = 1000;

/** Follows a backfill to its end. Ctrl-C leaves it going. @throws BACKFILL_FAILED, RUN_CANCELLED */
export async function followBackfill(
  fleet: Fleet,
  id: string,
  terminal: Terminal,
): Promise<Result> {
  const lines = new LiveLines(terminal);
  const interrupts = watchInterrupts(() => {});
  let shown = '';
  try {
    for (;;) {
      const seen = await lookAtBackfill(fleet, id);
      const text = progressText(seen);
      if (terminal.live) lines.draw([text]);
      else if (text !== shown) terminal.err(`${text}\n`);
      shown = text;
      if (seen.backfill.endedAt !== null) {
        endOfBackfill(seen);
        return backfillResult(seen);
      }
      if (interrupts.signal.aborted) return leftResult(seen);
      await sleep(LOOK_MS, undefined, { signal: interrupts.signal }).catch(() => {});
    }
  } finally {
    interrupts.close();
    lines.close();
  }
}

export function backfillDocument({ backfill, counts }: SeenBackfill): object {
  const { request, phase, endedAt, round } = backfill;
  const { id, job, range, maxActive, place, submittedAt, submittedBy } = request;
  return {
    backfill: id,
    job: job.name,
    state: phase,
    ...range,
    maxActive,
    place,
    round,
    submittedAt,
    submittedBy,
    endedAt,
    counts,
  };
}

/** Of one that has come to its end. */
export function backfillResult(seen: SeenBackfill): Result {
  return {
    json: () => backfillDocument(seen),
    text: ({ colors }) =>
      `${colors.green('✓')} backfill ${colors.bold(seen.backfill.request.id)}: ${progressText(seen)}`,
  };
}

function leftResult(seen: SeenBackfill): Result {
  const { id } = seen.backfill.request;
  return {
    json: () => backfillDocument(seen),
    text: ({ colors }) =>
      `backfill ${id} goes on: ${progressText(seen)}\n  ${colors.dim('how it stands:')} shardmill backfill show ${id}`,
  };
}
