import { type Command, Option } from 'commander';
import type { EndFlags } from '../commands/cancel.js';
import type { GcFlags } from '../commands/gc.js';
import type { ReopenFlags } from '../commands/reopen.js';
import type { RunsFlags } from '../commands/runs.js';
import type { SubmitFlags } from '../commands/submit.js';
import { addSettingOptions } from '../config/setting-options.js';
import type { SettingGroup } from '@shardmill/client/settings';
import { age, priority, rowBudget, runKey } from '../option-values.js';
import { jobOptions, limitOptions } from './job-options.js';
import { jsonOption, type ProgramContext } from './program-context.js';

const FLEET: readonly SettingGroup[] = ['redis', 'state', 's3'];

/** Commands on runs that a fleet works on. */
export function addRunCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  program.commandsGroup('Runs, on a fleet:');

  const submit = limitOptions(jobOptions(program.command('submit')))
    .description('hand a job to the fleet')
    .option('--run-key <key>', 'your own name for this piece of work: one key is one run', runKey)
    .option('--resume', 'go on with the run of that key if it failed or was cancelled')
    .addOption(
      new Option(
        '--new-run',
        'give that run up instead, and begin a new one of that key',
      ).conflicts('resume'),
    )
    .option('--priority <n>', '0 to 100, the greater goes first', priority, 50)
    .option('--fail-fast', 'end the run at the first shard that fails for good')
    .option('--max-rejected-rows <n>', 'rows that may fail: 100, or 0.1%', rowBudget)
    .option('-w, --wait', 'follow the run, and end as it ends')
    .addOption(
      new Option(
        '--dry-run',
        'submit nothing: show the plan, and what past runs say of its time and cost',
      ).conflicts(['wait', 'resume', 'newRun']),
    )
    .addOption(jsonOption())
    .action((job: string, flags: SubmitFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { submitJob } = await import('../commands/submit.js');
        return submitJob(job, flags, terminal, services);
      });
    });

  const status = onRun(program.command('status'))
    .description('show how a run stands')
    .addOption(jsonOption())
    .action((run: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { showStatus } = await import('../commands/status.js');
        return showStatus(run, services);
      });
    });

  const watch = onRun(program.command('watch'))
    .description('follow a run to its end')
    .addOption(jsonOption())
    .action((run: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { watchRun } = await import('../commands/watch.js');
        return watchRun(run, terminal, services);
      });
    });

  const runs = program
    .command('runs')
    .description('list runs, the latest first')
    .option('-a, --all', 'all of them, and not only those under way and the last ones')
    .addOption(jsonOption())
    .action((flags: RunsFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { listRuns } = await import('../commands/runs.js');
        return listRuns(flags, services);
      });
    });

  const cancel = onRun(program.command('cancel'))
    .description('stop a run; what is done is kept')
    .addOption(waitOption())
    .addOption(jsonOption())
    .action((run: string, flags: EndFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { cancelRun } = await import('../commands/cancel.js');
        return cancelRun(run, flags, terminal, services);
      });
    });

  const resume = limitOptions(onRun(program.command('resume')))
    .description('go on with a run that was cancelled or failed')
    .option('--max-rejected-rows <n>', 'rows that may fail from now on: 100, or 0.1%', rowBudget)
    .addOption(waitOption())
    .addOption(jsonOption())
    .action((run: string, flags: ReopenFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { reopenRun } = await import('../commands/reopen.js');
        return reopenRun(run, 'failed-or-cancelled', flags, terminal, services);
      });
    });

  const retry = onRun(program.command('retry'))
    .description('try the failed shards of a run again')
    .addOption(waitOption())
    .addOption(jsonOption())
    .action((run: string, flags: ReopenFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { reopenRun } = await import('../commands/reopen.js');
        return reopenRun(run, 'failed', flags, terminal, services);
      });
    });

  const gc = program
    .command('gc')
    .description('delete what runs that ended long ago have left behind')
    .option(
      '--older-than <time>',
      'runs that ended longer ago than this: 30d, 12h',
      age,
      age('30d'),
    )
    .option('--dry-run', 'only list what would be deleted')
    .addOption(jsonOption())
    .action((flags: GcFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { collect } = await import('../commands/gc.js');
        return collect(flags, services);
      });
    });

  for (const command of [submit, status, watch, runs, cancel, resume, retry, gc]) {
    addSettingOptions(command, FLEET);
  }
}

const onRun = (command: Command): Command =>
  command.argument('<run>', 'the id of a run, its beginning, or "last"');

const waitOption = (): Option => new Option('-w, --wait', 'follow the run, and end as it ends');
