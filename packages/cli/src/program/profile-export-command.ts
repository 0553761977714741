import type { SettingGroup } from '@shardmill/client/settings';
import type { Command } from 'commander';
import { addSettingOptions } from '../config/setting-options.js';
import { jsonOption, type ProgramContext } from './program-context.js';

/** A run may be one of a fleet. */
const SETTINGS: readonly SettingGroup[] = ['redis', 'state', 's3', 'cache', 'plan'];

/** `profile export`, in the group `profile`, which other commands may have begun. */
export function addProfileExportCommand(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  const group =
    program.commands.find((command) => command.name() === 'profile') ??
    program
      .command('profile')
      .description('profiles of features and outputs, for other programs')
      .helpCommand(false);
  const command = group
    .command('export')
    .description('write the profile of a run as Parquet, a row for each column')
    .argument('<run>', 'an output folder, a manifest, the id of a run of a fleet, or "last"')
    .argument('<file>', 'the Parquet file to write')
    .option('--run <id>', 'this run of an output folder; else the last finished one')
    .addOption(jsonOption())
    .action((reference: string, file: string, flags: { run?: string }) => {
      context.start(flags, SETTINGS, async (services) => {
        const { exportRunProfile } = await import('../commands/profile/export-profile.js');
        return exportRunProfile(reference, file, flags, terminal, services);
      });
    });
  addSettingOptions(command, SETTINGS);
}
