import type { Colors } from '../ui/text/style.js';

/**
 * A line of the JSON log as people read it: `05:00:12 warn  Redis does not answer  where=…`.
 * @param hidden fields that are the same in every line.
 */
export function prettyLogLine(line: string, hidden: readonly string[], colors: Colors): string {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return line.trimEnd();
  }
  const fields = new Map<string, unknown>(Object.entries(Object(event)));
  const level = String(fields.get('level'));
  const time = new Date(String(fields.get('time')));
  const text = String(fields.get('msg') ?? '');
  for (const known of ['level', 'time', 'msg', ...hidden]) fields.delete(known);
  const clock = Number.isNaN(time.getTime()) ? '' : time.toTimeString().slice(0, 8);
  const tail = [...fields].map(([name, value]) => colors.dim(`${name}=${valueText(value)}`));
  const head = `${colors.dim(clock)} ${tintOf(level, colors)(level.padEnd(5))} ${text}`;
  return [head, tail.join(' ')].filter((part) => part !== '').join('  ');
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') {
    const text = JSON.stringify(value) ?? String(value);
    return text.replaceAll(/"(\w+)":/g, '$1:');
  }
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function tintOf(level: string, colors: Colors): (text: string) => string {
  switch (level) {
    case 'warn':
      return colors.yellow;
    case 'error':
    case 'fatal':
      return colors.red;
    default:
      return colors.dim;
  }
}
