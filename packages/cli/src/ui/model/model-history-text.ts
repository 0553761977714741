import type { ModelEvent } from '@shardmill/client/models';
import type { Colors, Style } from '../text/style.js';
import { table, truncate } from '../text/text-layout.js';

/** What the other columns take. */
const OTHER_COLUMNS = 62;
const MIN_NOTE_WIDTH = 12;

/** What `model history` prints: what happened, the latest first. */
export function modelHistoryText(
  subject: string,
  events: readonly ModelEvent[],
  { colors, width }: Style,
): string {
  const heads = ['when', 'what', 'by', 'note'].map((head) => colors.dim(head));
  const room = Math.max(MIN_NOTE_WIDTH, width - OTHER_COLUMNS);
  return [
    `history of ${colors.bold(subject)}`,
    '',
    ...table([
      heads,
      ...events.map((event) => [
        event.at.replace(/\.\d+Z$/, 'Z'),
        eventText(event, colors),
        event.by,
        truncate(event.note ?? '', room),
      ]),
    ]),
  ].join('\n');
}

function eventText(event: ModelEvent, colors: Colors): string {
  switch (event.kind) {
    case 'added':
      return `version ${event.version} ${colors.dim('added')}`;
    case 'alias-set': {
      const { alias, previous, version, how } = event;
      const before = previous === null ? '' : `${previous} → `;
      return `${alias} ${before}${version} ${colors.dim(HOW[how])}`;
    }
    case 'alias-removed':
      return `${event.alias} ${event.previous} → ${colors.dim('removed')}`;
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

const HOW = { alias: 'set', promote: 'promoted', rollback: 'rolled back' } as const;
