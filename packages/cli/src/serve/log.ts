import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { Settings } from '@shardmill/client/load-settings';
import type { Terminal } from '../terminal.js';
import { prettyLogLine } from './pretty-log-line.js';

export type { Logger } from 'pino';

/**
 * The log of a process that goes on until it is stopped, on standard error: a line of JSON per
 * event, or a line for people.
 * @param fields in every line of JSON.
 */
export function openLog(
  settings: Settings,
  terminal: Terminal,
  fields: Readonly<Record<string, unknown>>,
): Logger {
  const format = settings.get('log.format') ?? (terminal.live ? 'pretty' : 'json');
  const { colors } = terminal.errStyle;
  return pino(
    {
      level: settings.get('log.level'),
      base: fields,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line: string) => {
        terminal.err(
          format === 'json' ? line : `${prettyLogLine(line, Object.keys(fields), colors)}\n`,
        );
      },
    },
  );
}
