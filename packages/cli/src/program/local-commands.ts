import { ENGINES, LANES, ROWS_PER_CALL, THREADS_PER_LANE } from '@shardmill/core';
import { type Command, Option } from 'commander';
import type { AcceptFlags } from '../commands/accept.js';
import type { InitFlags } from '../commands/init.js';
import type { InspectFlags } from '../commands/inspect.js';
import type { ReportFlags } from '../commands/report.js';
import type { RunFlags } from '../commands/run.js';
import { addSettingOptions } from '../config/setting-options.js';
import type { SettingGroup } from '@shardmill/client/settings';
import type { ValidateFlags } from '../commands/validate.js';
import { addName, memorySize, rowBudget, tolerance, wholeNumber } from '../option-values.js';
import type { JobFlags } from '@shardmill/client/jobs';
import { jobOptions, limitOptions, trialOptions } from './job-options.js';
import { jsonOption, type ProgramContext } from './program-context.js';

const STORAGE: readonly SettingGroup[] = ['s3', 'cache', 'plan'];
/** Jobs may name a model of the registry, which is in the state location. */
const JOBS: readonly SettingGroup[] = ['state', ...STORAGE];
/** A report may be of a run of a fleet. */
const EITHER: readonly SettingGroup[] = ['redis', 'state', ...STORAGE];

/** Commands that need nothing but this machine and the places that the job names. */
export function addLocalCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  program.commandsGroup('Jobs, on this machine:');

  program
    .command('init')
    .description('write a commented job into a new folder')
    .argument('[dir]', 'the folder to make', 'jobs/my-job')
    .option('--yaml', 'job.yaml instead of job.ts')
    .option('--from <parquet>', 'fill in the columns of this file or folder')
    .option('--model <onnx>', 'and the inputs and outputs of this model')
    .addOption(jsonOption())
    .action((dir: string, flags: InitFlags) => {
      context.start(flags, STORAGE, async (services) => {
        const { initJob } = await import('../commands/init.js');
        return initJob(dir, flags, terminal, services);
      });
    });

  const validate = trialOptions(jobOptions(program.command('validate')))
    .description('check a job, its input and its model, without scoring')
    .option('--expect <parquet>', 'score it all the same, and compare with these scores')
    .option('--key <column>', 'joins both, with --expect; may be repeated', addName)
    .option('--tolerance <number>', 'of numbers, absolute and relative (1e-5)', tolerance)
    .addOption(jsonOption())
    .action((job: string, flags: ValidateFlags) => {
      context.start(flags, JOBS, async (services) => {
        const { validateJob } = await import('../commands/validate.js');
        return validateJob(job, flags, terminal, services);
      });
    });

  const plan = trialOptions(jobOptions(program.command('plan')))
    .description('show what a run would read, score and write')
    .addOption(jsonOption())
    .action((job: string, flags: JobFlags) => {
      context.start(flags, JOBS, async (services) => {
        const { planJob } = await import('../commands/plan.js');
        return planJob(job, flags, terminal, services);
      });
    });

  const run = limitOptions(trialOptions(jobOptions(program.command('run'))))
    .description('score a job on this machine; go on where an interrupted run stopped')
    .option('--max-rejected-rows <n>', 'rows that may fail: 100, or 0.1%', rowBudget)
    .option('--lanes <n>', 'inference threads, each with its own session', wholeNumber(LANES))
    .option('--threads-per-lane <n>', 'threads of one session', wholeNumber(THREADS_PER_LANE))
    .option('--batch-rows <n>', 'rows of one inference call', wholeNumber(ROWS_PER_CALL))
    .option('--engines <n>', 'engine processes', wholeNumber(ENGINES))
    .option('--memory-limit <size>', 'of all engine processes together: 2GiB, or 60%', memorySize)
    .addOption(
      new Option(
        '--if-finished <what>',
        'where the same was scored already: fail, or ok to print its manifest and end with 0',
      ).choices(['fail', 'ok']),
    )
    .option('-q, --quiet', 'print errors only')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nLanes, threads, batch, engines and memory are chosen for this machine where not given.',
    )
    .action((job: string, flags: RunFlags) => {
      context.start(flags, JOBS, async (services) => {
        const { runJob } = await import('../commands/run.js');
        return runJob(job, flags, terminal, services);
      });
    });

  const inspect = program
    .command('inspect')
    .description('show Parquet data, an ONNX model, or a run')
    .argument('<path>', 'a Parquet file or folder, an .onnx file, an output folder, a manifest')
    .option('--run <id>', 'this run of an output folder; else the last finished one')
    .option('--data', "an output folder's Parquet instead of its run")
    .addOption(jsonOption())
    .action((location: string, flags: InspectFlags) => {
      context.start(flags, STORAGE, async (services) => {
        const { inspect: inspectLocation } = await import('../commands/inspect.js');
        return inspectLocation(location, flags, terminal, services);
      });
    });

  const report = program
    .command('report')
    .description('write what is stored of a run into one HTML file')
    .argument('<run...>', 'an output folder, a manifest, the id of a run of a fleet, or "last"')
    .option('--compare', 'put two runs side by side')
    .option('--run <id>', 'this run of an output folder; else the last finished one')
    .addOption(
      new Option('--format <format>', 'json and md go to standard output without --output')
        .choices(['html', 'json', 'md'])
        .default('html'),
    )
    .option('-o, --output <file>', 'where to; shardmill-report-RUN.html for html if left out')
    .option('--open', 'show it in the browser')
    .option('--no-examples', 'leave out rejected rows, which have values of the input')
    .addOption(jsonOption())
    .action((runs: string[], flags: ReportFlags) => {
      context.start(flags, EITHER, async (services) => {
        const { report: makeReport } = await import('../commands/report.js');
        return makeReport(runs, flags, terminal, services);
      });
    });
  addSettingOptions(report, EITHER);

  const accept = program
    .command('accept')
    .description('publish a run that ended by its checks, after you have looked at it')
    .argument('<run>', 'an output folder, or the id of a run of a fleet')
    .requiredOption('--reason <text>', 'why, as it is kept with the result')
    .option('--by <name>', 'who accepts it; the user of this machine if left out')
    .option('--run <id>', 'this run of an output folder; else the last that ended by its checks')
    .option('-w, --wait', 'of a fleet: follow the run, and end as it ends')
    .addOption(jsonOption())
    .action((run: string, flags: AcceptFlags) => {
      context.start(flags, EITHER, async (services) => {
        const { accept: acceptRun } = await import('../commands/accept.js');
        return acceptRun(run, flags, terminal, services);
      });
    });
  addSettingOptions(accept, EITHER);

  program
    .command('docs')
    .description('print a page of the documents; without a name, which there are')
    .argument('[page]', 'job-definition, errors, operations, …')
    .addOption(jsonOption())
    .action((page: string | undefined, flags: object) => {
      context.start(flags, [], async () => {
        const { showDocs } = await import('../commands/docs.js');
        return showDocs(page);
      });
    });

  for (const command of [validate, plan, run]) addSettingOptions(command, JOBS);
  addSettingOptions(inspect, STORAGE);
}
