import { nearestNames } from '@shardmill/core';
import type { Settings } from '@shardmill/client/load-settings';
import { environmentOf, settingNames } from '@shardmill/client/settings';
import type { Result } from '../result.js';
import { settingsDocument, settingsReport } from '../ui/settings-report.js';

/** Shows every setting, its value and where that comes from. */
export function showConfig(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): Result {
  const strangers = misspelledVariables(env);
  return {
    json: () => settingsDocument(settings),
    text: (style) => settingsReport(settings, strangers, style),
  };
}

/** Variables that are no settings. */
const OTHER_VARIABLES = ['SHARDMILL_CONFIG', 'SHARDMILL_DEBUG', 'SHARDMILL_SINGLE_PASS'];

/**
 * Variables that look like one of ours and are none. No error: in Kubernetes, every service of that
 * name sets some.
 */
export function misspelledVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...settingNames().map(environmentOf), ...OTHER_VARIABLES];
  return Object.keys(env)
    .filter((name) => name.startsWith('SHARDMILL_') && !known.includes(name))
    .flatMap((name) => {
      const [near] = nearestNames(name, known, 1);
      const service = /_(SERVICE_(HOST|PORT.*)|PORT(_.*)?)$/.test(name);
      return near === undefined || service
        ? []
        : [`${name} is set and means nothing. Did you mean ${near}?`];
    });
}
