import { connectionSettings } from './connection-settings.js';
import { lineageSettings } from './lineage-settings.js';
import { policySettings } from './policy-settings.js';
import { processSettings } from './process-settings.js';
import type { Setting } from './setting.js';
import type { SettingValues } from './setting-types.js';

export type { Setting } from './setting.js';

/**
 * Every setting, by its key in the configuration file. Its environment variable follows from the
 * key (`environmentOf`). docs/configuration.md is held against this table by a test, both ways.
 */
const SETTINGS = {
  ...connectionSettings,
  ...processSettings,
  ...policySettings,
  ...lineageSettings,
} as const;

export type SettingName = keyof typeof SETTINGS;

/** What a setting comes to: undefined only where it has no default. */
export type SettingValue<N extends SettingName> =
  | SettingValues[(typeof SETTINGS)[N]['type']]
  | ((typeof SETTINGS)[N]['default'] extends null ? undefined : never);

/** The first part of a setting's name: settings of one group are used together. */
export type SettingGroup = SettingName extends infer N
  ? N extends `${infer G}.${string}`
    ? G
    : never
  : never;

export const settingNames = (): SettingName[] => Object.keys(SETTINGS).filter(isSettingName);

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

export function settingOf(name: SettingName): Setting {
  return SETTINGS[name];
}

/** `SHARDMILL_S3_KMS_KEY_ID` of `s3.kmsKeyId`. */
export function environmentOf(name: SettingName): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_');
  return `SHARDMILL_${words.toUpperCase()}`;
}
