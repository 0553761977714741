import { withoutLogin } from '@shardmill/core';
import { type Command, Option } from 'commander';
import type { GivenSettings } from '@shardmill/client/load-settings';
import {
  environmentOf,
  type SettingGroup,
  type SettingName,
  settingNames,
  settingOf,
} from '@shardmill/client/settings';

/** Options that most people need; the others are accepted, too, and listed by `config --help`. */
const SHOWN: readonly SettingName[] = ['redis.url', 'state.uri', 'log.format'];

/**
 * Adds the options of these groups of settings to a command when it is called: to make those of all
 * commands takes longer than to parse the one that there is.
 * @param shown groups whose options are all in the command's help.
 */
export function addSettingOptions(
  command: Command,
  groups: readonly SettingGroup[],
  shown: readonly SettingGroup[] = [],
): void {
  command.parent?.hook('preSubcommand', (_, called) => {
    if (called === command) addOptions(command, groups, shown);
  });
}

function addOptions(
  command: Command,
  groups: readonly SettingGroup[],
  shown: readonly SettingGroup[],
): void {
  for (const { name, option } of settingOptions(groups)) {
    const whole = shown.some((group) => name.startsWith(`${group}.`));
    if (whole) option.description += ` [${environmentOf(name)}]`;
    command.addOption(whole || SHOWN.includes(name) ? option : option.hideHelp());
  }
  command.addOption(new Option('--config <file>', 'instead of the nearest shardmill.config.*'));
}

/** What was given on the command line of the settings of these groups. */
export function givenSettings(
  flags: Readonly<Record<string, unknown>>,
  groups: readonly SettingGroup[],
): GivenSettings {
  const given: Partial<Record<SettingName, string>> = {};
  for (const { name, option } of settingOptions(groups)) {
    const value = flags[option.attributeName()];
    if (typeof value === 'string') given[name] = value;
  }
  const file = flags['config'];
  return { flags: given, configFile: typeof file === 'string' ? file : undefined };
}

function settingOptions(groups: readonly SettingGroup[]): { name: SettingName; option: Option }[] {
  return settingNames()
    .filter((name) => groups.some((group) => name.startsWith(`${group}.`)))
    .flatMap((name) => {
      const { flag, meaning, default: usual, otherwise } = settingOf(name);
      if (flag === null) return [];
      const without = usual === null ? otherwise : String(usual);
      return [{ name, option: new Option(flag, `${meaning} (default: ${without})`) }];
    });
}

/** Settings given on the command line, where a list of processes shows them, that hold a password. */
export function visibleSecrets({ flags }: GivenSettings): SettingName[] {
  return settingNames().filter((name) => {
    const value = flags[name];
    return value !== undefined && withoutLogin(value) !== value && /:[^/@]*@/.test(value.slice(6));
  });
}
