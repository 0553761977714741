import { withoutLogin } from '@shardmill/core';
import { originText, type SettingEntry, type Settings } from '@shardmill/client/load-settings';
import { environmentOf, settingOf } from '@shardmill/client/settings';
import { shortPath } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import { table, truncate, wrapText } from './text/text-layout.js';

const PRECEDENCE = 'Flags go before the environment, that before the file, that before defaults.';

/** What `config` prints: every setting, its value, and where that comes from. */
export function settingsReport(
  settings: Settings,
  strangers: readonly string[],
  style: Style,
): string {
  const { colors, cwd, width } = style;
  const source =
    settings.file === undefined
      ? `no shardmill.config.* here or above; relative to ${shortPath(settings.project, cwd)}`
      : `from ${shortPath(settings.file, cwd)}`;
  const heads = ['setting', 'from', 'value'].map((head) => colors.dim(head));
  const cells = settings.entries().map((entry) => ({ entry, from: whereFrom(entry, cwd) }));
  const widths = cells.map(({ entry, from }) => [entry.name.length, from.length] as const);
  const room =
    width - 6 - Math.max(...widths.map(([n]) => n)) - Math.max(...widths.map(([, n]) => n));
  const rows = cells.map(({ entry, from }) => {
    const value = valueText(entry, cwd);
    // A value that was given is shown whole, whatever becomes of the line.
    if (entry.value === undefined) {
      return [entry.name, colors.dim(from), colors.dim(truncate(value, Math.max(16, room)))];
    }
    const usual = entry.origin.kind === 'default';
    return [entry.name, colors.dim(from), usual ? value : colors.bold(value)];
  });
  return [
    `settings  ${colors.dim(source)}`,
    '',
    ...table([heads, ...rows]),
    '',
    `  ${colors.dim(wrapText(PRECEDENCE, style.width, 2))}`,
    ...(strangers.length === 0
      ? []
      : ['', ...strangers.map((line) => `  ${colors.yellow(wrapText(line, style.width, 2))}`)]),
  ].join('\n');
}

/** The document of `config --json`: with what is known of each setting, passwords masked. */
export function settingsDocument(settings: Settings): unknown {
  return {
    project: settings.project,
    file: settings.file ?? null,
    settings: Object.fromEntries(
      settings.entries().map((entry) => {
        const { flag, default: usual, otherwise, meaning } = settingOf(entry.name);
        return [
          entry.name,
          {
            value: masked(entry) ?? null,
            from: entry.origin.kind,
            where: originText(entry.origin),
            flag: flag?.split(' ')[0] ?? null,
            environment: environmentOf(entry.name),
            default: usual,
            otherwise: otherwise ?? null,
            meaning,
          },
        ];
      }),
    ),
  };
}

function valueText(entry: SettingEntry, cwd: string): string {
  const value = masked(entry);
  if (value === undefined) return `(${settingOf(entry.name).otherwise ?? 'none'})`;
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? shortPath(value, cwd) : String(value);
}

/** The value with passwords replaced, also those within an address. */
function masked({ name, value }: SettingEntry): unknown {
  const { type } = settingOf(name);
  if (value !== undefined && type === 'secret') return MASK;
  // The path of such an address is a key.
  if (type === 'receivers' && Array.isArray(value)) return value.map(shownReceiver);
  if (typeof value !== 'string') return value;
  if (type === 'lineageUrl') return shownAddress(value);
  if (type === 'httpUrl') return withoutLogin(value, `${MASK}@`);
  return type === 'redisUrl' ? withoutPassword(value) : value;
}

/** `https://hooks.example.com/********`, or the name of the variable. */
function shownReceiver(receiver: unknown): string {
  const { url, urlEnv }: { url?: unknown; urlEnv?: unknown } = Object(receiver);
  return typeof url === 'string' ? `${new URL(url).origin}/${MASK}` : String(urlEnv);
}

/** An address of a file as it is; of another its host: its login and its query may be keys. */
function shownAddress(url: string): string {
  const { protocol, origin, pathname } = new URL(url);
  return protocol === 'file:' ? url : `${origin}${pathname.replace(/\/$/, '')}`;
}

const MASK = '********';

/** `redis://user:********@host`. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:/@]*):[^/]*@/i, `$1:${MASK}@`);
}

/** A variable is named only where it is not the setting's own. */
function whereFrom({ name, origin }: SettingEntry, cwd: string): string {
  switch (origin.kind) {
    case 'file':
      return shortPath(origin.file, cwd);
    case 'environment':
      return origin.variable === environmentOf(name) ? 'environment' : origin.variable;
    case 'flag':
    case 'program':
    case 'dev':
    case 'default':
      return originText(origin);
    default: {
      const unknown: never = origin;
      return unknown;
    }
  }
}
