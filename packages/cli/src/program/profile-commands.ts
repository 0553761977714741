import type { SettingGroup } from '@shardmill/client/settings';
import type { Command } from 'commander';
import type { CreateProfileFlags } from '../commands/profile/create-profile.js';
import { addSettingOptions } from '../config/setting-options.js';
import { addNames } from '../option-values.js';
import { inputOptions } from './job-options.js';
import { jsonOption, type ProgramContext } from './program-context.js';

/** A job may name a model of the registry, which is in the state location. */
const SCORING: readonly SettingGroup[] = ['state', 's3', 'cache', 'plan'];
const READING: readonly SettingGroup[] = ['s3'];
/** A run may be one of a fleet. */
const EXPORTING: readonly SettingGroup[] = ['redis', 'state', 's3', 'cache', 'plan'];

/** Commands on profiles: what runs look like, and what they are compared with. */
export function addProfileCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  const profile = program
    .command('profile')
    .description('make the baseline that runs are compared with; show and export profiles')
    .helpCommand(false);

  const create = inputOptions(profile.command('create'), '[job]')
    .description(
      'profile a data set, such as the one a model was trained on: as a job sees it, or as it is',
    )
    .requiredOption('-o, --output <file>', 'a path or an s3:// location; what is there is replaced')
    .option('--columns <names>', 'without a job: these columns only, such as age,city', addNames)
    .addOption(jsonOption())
    .action((job: string | undefined, flags: CreateProfileFlags) => {
      context.start(flags, SCORING, async (services) => {
        const { createProfile } = await import('../commands/profile/create-profile.js');
        return createProfile(job, flags, terminal, services);
      });
    });

  const show = profile
    .command('show')
    .description('show the columns of a profile: of a file, or of the last run at an output')
    .argument('<profile>', 'a profile file, or the output location of a run')
    .addOption(jsonOption())
    .action((reference: string, flags: object) => {
      context.start(flags, READING, async (services) => {
        const { showProfile } = await import('../commands/profile/show-profile.js');
        return showProfile(reference, terminal, services);
      });
    });

  const exported = profile
    .command('export')
    .description('write the profile of a run as Parquet, a row for each column')
    .argument(
      '<run>',
      'an output folder, a manifest, the id of a run of a fleet, or "last"; or a profile file',
    )
    .argument('<file>', 'the Parquet file to write')
    .option('--run <id>', 'this run of an output folder; else the last finished one')
    .addOption(jsonOption())
    .action((reference: string, file: string, flags: { run?: string }) => {
      context.start(flags, EXPORTING, async (services) => {
        const { exportRunProfile } = await import('../commands/profile/export-profile.js');
        return exportRunProfile(reference, file, flags, terminal, services);
      });
    });

  addSettingOptions(create, SCORING);
  addSettingOptions(show, READING);
  addSettingOptions(exported, EXPORTING);
}
