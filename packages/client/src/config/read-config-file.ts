import { ShardmillError, suggestion, toShardmillError } from '@shardmill/core';
import { readDefinition } from '../read-definition/read-definition.js';
import { isSettingName, type SettingName, settingNames } from './settings.js';

/** What a configuration file says, by setting; the values are not checked yet. */
export type FileValues = ReadonlyMap<SettingName, unknown>;

/** @throws CONFIG_INVALID with every unknown key and the nearest known ones. */
export async function readConfigFile(file: string): Promise<FileValues> {
  let definition: unknown;
  try {
    definition = await readDefinition(file);
  } catch (thrown) {
    const error = toShardmillError(thrown);
    throw new ShardmillError('CONFIG_INVALID', error.message, {
      where: error.where ?? file,
      remedy: 'Fix the configuration file; `shardmill docs configuration` has an example.',
      cause: thrown,
    });
  }
  return readConfigValues(definition, file);
}

/** The same of what a configuration file defines. @param where the file, for messages. */
export function readConfigValues(definition: unknown, where: string): FileValues {
  const values = new Map<SettingName, unknown>();
  const faults: string[] = [];
  takeFrom(definition, '', values, faults);
  if (faults.length > 0) {
    throw new ShardmillError('CONFIG_INVALID', faults.join('\n'), {
      where,
      remedy: '`shardmill docs configuration` lists every setting.',
    });
  }
  return values;
}

/** Walks down the groups; an empty one (in YAML, a key with nothing behind it) sets nothing. */
function takeFrom(
  group: unknown,
  above: string,
  values: Map<SettingName, unknown>,
  faults: string[],
): void {
  if (group === null || group === undefined) return;
  if (typeof group !== 'object' || Array.isArray(group)) {
    const what = above === '' ? 'the configuration' : above;
    faults.push(`${what}: expected settings by name; found ${JSON.stringify(group)}`);
    return;
  }
  for (const [key, value] of Object.entries(group)) {
    const name = above === '' ? key : `${above}.${key}`;
    if (name === '$schema') continue;
    if (isSettingName(name)) {
      if (value !== null && value !== undefined) values.set(name, value);
    } else if (settingNames().some((known) => known.startsWith(`${name}.`))) {
      takeFrom(value, name, values, faults);
    } else {
      faults.push(`unknown key "${name}".${suggestion(key, keysBelow(above), 'There are')}`);
    }
  }
}

/** Keys that a group may have; at the top also whole names, for who left the group out. */
function keysBelow(above: string): string[] {
  const names = settingNames();
  const start = above === '' ? '' : `${above}.`;
  const keys = names
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length).replace(/\..*/, ''));
  return [...new Set(above === '' ? [...keys, ...names] : keys)];
}
