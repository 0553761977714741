import type { SettingGroup } from '@shardmill/client/settings';
import type { ScheduleOptions, SyncOptions, TriggerOptions } from '@shardmill/client/schedules';
import { OUTPUT_MODES } from '@shardmill/core';
import { type Command, Option } from 'commander';
import type { HistoryFlags } from '../commands/schedule/look-at-schedules.js';
import { addSettingOptions } from '../config/setting-options.js';
import { priority, wholeNumber } from '../option-values.js';
import { jobOptions } from './job-options.js';
import { jsonOption, type ProgramContext } from './program-context.js';

const FLEET: readonly SettingGroup[] = ['redis', 'state', 's3'];
const HERE: readonly SettingGroup[] = [
  'scheduler',
  'state',
  's3',
  'cache',
  'engine',
  'allow',
  'models',
  'log',
];
const TICKS = wholeNumber({ least: 1, most: 10_000 });

/** Commands on schedules, which start runs by themselves. */
export function addScheduleCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  program.commandsGroup('Schedules and backfills:');

  const schedule = program
    .command('schedule')
    .description('set, look at and change what runs by itself')
    .helpCommand(false);

  jobOptions(schedule.command('set'))
    .description('add the schedule of a job, or replace it')
    .option('--name <name>', 'its name, instead of that of the job')
    .option('--priority <n>', 'of its runs: 0 to 100, the greater goes first', priority)
    .option('--fail-fast', 'end a run at the first shard that fails for good')
    .addOption(jsonOption())
    .action((job: string, flags: ScheduleOptions) => {
      context.start(flags, FLEET, async (services) => {
        const { setSchedule } = await import('../commands/schedule/set-schedule.js');
        return setSchedule(job, flags, terminal, services);
      });
    });

  schedule
    .command('sync')
    .description('make the schedules those of the jobs in a folder')
    .argument('<folder>', 'a folder of jobs; those without a schedule are left out')
    .option('--prune', 'remove schedules whose job is not in the folder')
    .option('--dry-run', 'only show what would be added, changed and removed')
    .addOption(jsonOption())
    .action((folder: string, flags: SyncOptions) => {
      context.start(flags, FLEET, async (services) => {
        const { syncSchedules } = await import('../commands/schedule/set-schedule.js');
        return syncSchedules(folder, flags, terminal, services);
      });
    });

  schedule
    .command('list')
    .description('list schedules, with their last and next ticks')
    .addOption(jsonOption())
    .action((flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { listSchedules } = await import('../commands/schedule/look-at-schedules.js');
        return listSchedules(services);
      });
    });

  onSchedule(schedule.command('show'))
    .description('show a schedule, and how it stands')
    .addOption(jsonOption())
    .action((name: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { showSchedule } = await import('../commands/schedule/look-at-schedules.js');
        return showSchedule(name, services);
      });
    });

  onSchedule(schedule.command('next'))
    .description('show the next ticks, in its time zone and in UTC')
    .argument('[n]', 'how many', TICKS, 5)
    .addOption(jsonOption())
    .action((name: string, count: number, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { showNext } = await import('../commands/schedule/look-at-schedules.js');
        return showNext(name, count, services);
      });
    });

  onSchedule(schedule.command('history'))
    .description('show what became of the last ticks, the latest first')
    .option('-n, --count <n>', 'how many', TICKS, 20)
    .addOption(jsonOption())
    .action((name: string, flags: HistoryFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { showHistory } = await import('../commands/schedule/look-at-schedules.js');
        return showHistory(name, flags, services);
      });
    });

  onSchedule(schedule.command('pause'))
    .description('start nothing any more until it is resumed')
    .addOption(jsonOption())
    .action((name: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { pause } = await import('../commands/schedule/change-schedule.js');
        return pause(name, services);
      });
    });

  onSchedule(schedule.command('resume'))
    .description('go on after a pause; catchUp says what becomes of ticks that were missed')
    .addOption(jsonOption())
    .action((name: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { resume } = await import('../commands/schedule/change-schedule.js');
        return resume(name, services);
      });
    });

  onSchedule(schedule.command('remove'))
    .description('remove a schedule; its history and its runs stay')
    .addOption(jsonOption())
    .action((name: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { remove } = await import('../commands/schedule/change-schedule.js');
        return remove(name, services);
      });
    });

  onSchedule(schedule.command('trigger'))
    .description('ask for a run now, whether or not it is due or paused')
    .option('--date <date>', 'of this day or time, instead of now')
    .addOption(
      new Option('--mode <mode>', 'what to do with results that are there').choices(OUTPUT_MODES),
    )
    .addOption(jsonOption())
    .action((name: string, flags: TriggerOptions) => {
      context.start(flags, FLEET, async (services) => {
        const { trigger } = await import('../commands/schedule/change-schedule.js');
        return trigger(name, flags, services);
      });
    });

  for (const command of schedule.commands) addSettingOptions(command, FLEET);

  const run = schedule
    .command('run')
    .description('run what is due here, without Redis and a fleet, until it is stopped')
    .action((flags: object) => {
      context.start(flags, HERE, async (services) => {
        const { serveSchedules } = await import('../serve/serve-schedules.js');
        return serveSchedules(terminal, services);
      });
    });
  addSettingOptions(run, HERE, ['scheduler', 'log']);
}

const onSchedule = (command: Command): Command =>
  command.argument('<name>', 'the name of a schedule');
