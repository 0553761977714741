import type { RunningCommand } from '../support/command.js';
import { waitFor } from '../support/wait.js';

/** Events of this text that a scheduler or a worker has logged so far. */
export function logged({ stderr }: RunningCommand, text: string): Record<string, unknown>[] {
  return stderr.split('\n').flatMap((line) => {
    const event = parseEvent(line);
    return event?.['msg'] === text ? [event] : [];
  });
}

/** Waits until a process has logged an event of this text so often. */
export async function untilLogged(
  process: RunningCommand,
  text: string,
  times = 1,
): Promise<Record<string, unknown>[]> {
  await waitFor(`"${text}" ${times} times`, () => logged(process, text).length >= times, process);
  return logged(process, text);
}

/** Undefined for the line that is being written, and for what is no event. */
function parseEvent(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
