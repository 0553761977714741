import type { SettingGroup } from '@shardmill/client/settings';
import { type Command, Option } from 'commander';
import type { BackfillFlags } from '../commands/backfill/begin-backfill.js';
import type { ResumeFlags } from '../commands/backfill/change-backfill.js';
import type { ListFlags } from '../commands/backfill/look-at-backfills.js';
import { addSettingOptions } from '../config/setting-options.js';
import { addParameter, priority, wholeNumber } from '../option-values.js';
import { jsonOption, type ProgramContext } from './program-context.js';

const FLEET: readonly SettingGroup[] = ['redis', 'state', 's3'];
/** A backfill that is run here plans and scores. */
const LOCAL: readonly SettingGroup[] = [...FLEET, 'cache', 'plan'];
const MAX_ACTIVE = wholeNumber({ least: 1, most: 1000 });

/** Commands that run past dates of a job. */
export function addBackfillCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;

  const backfill = program
    .command('backfill')
    .usage('<job> --from <date> --to <date> [options], or a command')
    .description('run past dates of a job')
    .helpCommand(false);

  // A command of its own, so that its options are not taken for those of the others.
  const begin = backfill
    .command(BEGIN, { isDefault: true })
    .description(`choose the dates, ask, and run them: \`${BEGIN}\` can be left out`)
    .argument('<job>', 'a name in the jobs folder, or the path of a definition or its folder')
    .option('--from <date>', 'the first date: a day, or a time')
    .option('--to <date>', 'the last date, included')
    .addOption(
      new Option(
        '--every <unit>',
        "dates of this kind, instead of those of the job's cron",
      ).choices(['hour', 'day', 'week', 'month']),
    )
    .addOption(
      new Option('--reprocess <which>', 'also dates that failed, or all, which are replaced')
        .choices(['missing', 'failed', 'all'])
        .default('missing'),
    )
    .addOption(
      new Option('--max-active <n>', 'dates that are run at once (3)').argParser(MAX_ACTIVE),
    )
    .option('--newest-first', 'begin with the last date')
    .option('-p, --param <name=value>', 'a parameter of the job; may be repeated', addParameter)
    .option('--input <uri>', 'read from here instead')
    .option('--output <uri>', 'write to here instead')
    .option('--priority <n>', 'of its runs: 0 to 100, the greater goes first', priority, 25)
    .option('--fail-fast', 'end a run at the first shard that fails for good')
    .addOption(
      new Option('--local', 'run it here, one date after the other').conflicts('maxActive'),
    )
    .option('-w, --wait', 'follow it, and end as it ends')
    .option('--dry-run', 'only show which dates are taken, and why')
    .option('-y, --yes', 'do not ask')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWithout --local the schedulers run it: it goes on when this terminal is closed.',
    )
    .action((job: string, flags: BackfillFlags) => {
      context.start(flags, LOCAL, async (services) => {
        const [{ beginBackfill }, { askOnTerminal }] = await Promise.all([
          import('../commands/backfill/begin-backfill.js'),
          import('../ask.js'),
        ]);
        return beginBackfill(job, flags, terminal, services, askOnTerminal);
      });
    });
  addSettingOptions(begin, LOCAL);
  backfill.addHelpText('after', () => `\n${begin.helpInformation()}`);

  const list = backfill
    .command('list')
    .description('list backfills, the latest first')
    .option('-a, --all', 'all of them, and not only the last ones')
    .addOption(jsonOption())
    .action((flags: ListFlags) => {
      context.start(flags, FLEET, async (services) => {
        const { listBackfills } = await import('../commands/backfill/look-at-backfills.js');
        return listBackfills(flags, services);
      });
    });

  const show = onBackfill(backfill.command('show'))
    .description('show how each date of a backfill stands')
    .addOption(jsonOption())
    .action((id: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { showBackfill } = await import('../commands/backfill/look-at-backfills.js');
        return showBackfill(id, services);
      });
    });

  const cancel = onBackfill(backfill.command('cancel'))
    .description('begin no more dates, and cancel the runs under way; what is done is kept')
    .addOption(jsonOption())
    .action((id: string, flags: object) => {
      context.start(flags, FLEET, async (services) => {
        const { cancel: cancelBackfill } = await import('../commands/backfill/change-backfill.js');
        return cancelBackfill(id, services);
      });
    });

  const resume = onBackfill(backfill.command('resume'))
    .description('run the dates that did not finish')
    .option('-w, --wait', 'follow it, and end as it ends')
    .addOption(jsonOption())
    .action((id: string, flags: ResumeFlags) => {
      context.start(flags, LOCAL, async (services) => {
        const { resume: resumeBackfill } = await import('../commands/backfill/change-backfill.js');
        return resumeBackfill(id, flags, terminal, services);
      });
    });

  for (const command of [list, show, cancel]) addSettingOptions(command, FLEET);
  addSettingOptions(resume, LOCAL);
}

/** What `shardmill backfill JOB` stands for. */
export const BEGIN = 'begin';

const onBackfill = (command: Command): Command =>
  command.argument('<backfill>', 'the id of a backfill, its beginning, or "last"');
