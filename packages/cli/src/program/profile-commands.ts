import type { SettingGroup } from '@shardmill/client/settings';
import type { Command } from 'commander';
import type { CreateProfileFlags } from '../commands/profile/create-profile.js';
import { addSettingOptions } from '../config/setting-options.js';
import { inputOptions } from './job-options.js';
import { jsonOption, type ProgramContext } from './program-context.js';

/** A job may name a model of the registry, which is in the state location. */
const SCORING: readonly SettingGroup[] = ['state', 's3', 'cache', 'plan'];
const READING: readonly SettingGroup[] = ['s3'];

/** Commands on profiles: what runs are compared with. */
export function addProfileCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  const profile = program
    .command('profile')
    .description('make the baseline that runs are compared with, and show profiles')
    .helpCommand(false);

  const create = inputOptions(profile.command('create'))
    .description('profile a data set as a job sees it, such as the one its model was trained on')
    .requiredOption('-o, --output <file>', 'where to; a file that is there is replaced')
    .addOption(jsonOption())
    .action((job: string, flags: CreateProfileFlags) => {
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

  addSettingOptions(create, SCORING);
  addSettingOptions(show, READING);
}
