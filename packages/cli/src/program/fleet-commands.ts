import type { Command } from 'commander';
import type { DevFlags } from '../commands/dev.js';
import type { DoctorFlags } from '../commands/doctor.js';
import { addSettingOptions } from '../config/setting-options.js';
import type { SettingGroup } from '@shardmill/client/settings';
import { wholeNumber } from '../option-values.js';
import { jsonOption, type ProgramContext } from './program-context.js';

const PROCESS: readonly SettingGroup[] = [
  'redis',
  'state',
  's3',
  'cache',
  'engine',
  'allow',
  'models',
  'status',
  'log',
];
/** Processes that `dev` starts on one machine. */
const WORKERS = { least: 1, most: 256 };
const SCHEDULER: readonly SettingGroup[] = ['scheduler', 'plan', ...PROCESS];
const WORKER: readonly SettingGroup[] = ['worker', ...PROCESS];
const EVERYTHING: readonly SettingGroup[] = [
  'redis',
  'state',
  's3',
  'cache',
  'allow',
  'models',
  'log',
];
const FLEET: readonly SettingGroup[] = ['redis', 'state', 's3'];

/** The processes of a fleet, and the commands that report on it. */
export function addFleetCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  program.commandsGroup('The fleet:');

  const scheduler = program
    .command('scheduler')
    .description('plan, dispatch and finish runs, until it is stopped')
    .action((flags: object) => {
      context.start(flags, SCHEDULER, async (services) => {
        const { serveScheduler } = await import('../serve/serve-scheduler.js');
        return serveScheduler(terminal, services);
      });
    });
  addSettingOptions(scheduler, SCHEDULER, ['scheduler', 'status', 'log']);

  const worker = program
    .command('worker')
    .description('score shards of one pool, until it is stopped')
    .action((flags: object) => {
      context.start(flags, WORKER, async (services) => {
        const { serveWorker } = await import('../serve/serve-worker.js');
        return serveWorker(terminal, services);
      });
    });
  addSettingOptions(worker, WORKER, ['worker', 'status', 'log']);

  const workers = program
    .command('workers')
    .description('list the processes that are there, and their in-flight shards')
    .addOption(jsonOption())
    .action((flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { listWorkers } = await import('../commands/workers.js');
        return listWorkers(services);
      });
    });
  addSettingOptions(workers, FLEET);

  const dev = program
    .command('dev')
    .description('try a fleet here: Redis, a scheduler and workers, until Ctrl-C')
    .option('--workers <n>', 'worker processes', wholeNumber(WORKERS), 2)
    .action((flags: DevFlags) => {
      context.start(flags, EVERYTHING, async (services) => {
        const { develop } = await import('../commands/dev.js');
        return develop(flags, terminal, services);
      });
    });
  addSettingOptions(dev, EVERYTHING);

  const doctor = program
    .command('doctor')
    .description('check Redis, the stores and this machine, and say what to fix')
    .option('--uri <uri...>', 'also try these locations: an input, an output, a model')
    .option('--job <job>', 'also try the locations of this job')
    .addOption(jsonOption())
    .action((flags: DoctorFlags) => {
      context.start(flags, EVERYTHING, async (services) => {
        const { examine } = await import('../commands/doctor.js');
        return examine(flags, terminal, services);
      });
    });
  addSettingOptions(doctor, EVERYTHING);

  const config = program
    .command('config')
    .description('show every setting, its value and where that comes from')
    .addOption(jsonOption())
    .action((flags: object) => {
      context.start(flags, EVERYTHING, async (services) => {
        const { showConfig } = await import('../commands/config.js');
        return showConfig(services.settings, terminal.env);
      });
    });
  addSettingOptions(config, EVERYTHING, EVERYTHING);
}
