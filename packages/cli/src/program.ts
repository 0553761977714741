import { Command, CommanderError, Option } from 'commander';
import type { InspectFlags } from './commands/inspect.js';
import type { InitFlags } from './commands/init.js';
import type { RunFlags } from './commands/run.js';
import { EXIT_CODE_HELP } from './exit-code-help.js';
import { addParameter, memorySize, positiveInteger, rowBudget } from './option-values.js';
import type { JobFlags } from './prepare-job.js';
import type { Result } from './result.js';
import type { LoadServices } from './services.js';
import type { Terminal } from './terminal.js';
import { version } from './version.js';

/**
 * Parses the command line and runs its command. What a command needs is loaded when it runs, so
 * that `--help` is instant.
 * @throws ShardmillError; USAGE for what commander refuses.
 */
export async function parseCommandLine(
  args: readonly string[],
  terminal: Terminal,
  loadServices: LoadServices,
): Promise<Result> {
  let answer: Promise<Result> | undefined;
  let shown = '';
  const program = buildProgram(terminal, loadServices, (result) => {
    answer = result;
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        shown += text;
      },
      // Errors are reported once, by `reportError`.
      writeErr: () => {},
      getOutHelpWidth: () => terminal.outStyle.width,
    });
  }
  if (args.every((arg) => arg === '--no-color')) args = ['--help'];
  try {
    program.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text: () => shown };
    const { usageError } = await import('./usage-error.js');
    throw usageError(error, program, args);
  }
  return (await answer) ?? { text: () => shown };
}

/** The commands; `start` is given the promise of the one that was called. */
function buildProgram(
  terminal: Terminal,
  loadServices: LoadServices,
  start: (result: Promise<Result>) => void,
): Command {
  const program = new Command('shardmill')
    .description('Scores Parquet datasets with ONNX models: every row once, or a reason why not.')
    .version(version(), '-V, --version')
    .option('--no-color', 'plain text; NO_COLOR does the same')
    .helpCommand(false)
    .showHelpAfterError(false)
    .addHelpText('after', EXIT_CODE_HELP);

  program
    .command('init')
    .description('write a commented job into a new folder')
    .argument('[dir]', 'the folder to make', 'jobs/my-job')
    .option('--yaml', 'job.yaml instead of job.ts')
    .option('--from <parquet>', 'fill in the columns of this file or folder')
    .option('--model <onnx>', 'and the inputs and outputs of this model')
    .addOption(json())
    .action((dir: string, flags: InitFlags) => {
      start(
        loadServices().then(async (services) => {
          const { initJob } = await import('./commands/init.js');
          return initJob(dir, flags, terminal, services);
        }),
      );
    });

  jobOptions(program.command('validate'))
    .description('check a job, its input and its model, without scoring')
    .addOption(json())
    .action((job: string, flags: JobFlags) => {
      start(
        loadServices().then(async (services) => {
          const { validateJob } = await import('./commands/validate.js');
          return validateJob(job, flags, terminal, services);
        }),
      );
    });

  jobOptions(program.command('plan'))
    .description('show what a run would read, score and write')
    .addOption(json())
    .action((job: string, flags: JobFlags) => {
      start(
        loadServices().then(async (services) => {
          const { planJob } = await import('./commands/plan.js');
          return planJob(job, flags, terminal, services);
        }),
      );
    });

  jobOptions(program.command('run'))
    .description('score a job on this machine; go on where an interrupted run stopped')
    .option('--max-rejected-rows <n>', 'rows that may fail: 100, or 0.1%', rowBudget)
    .option('--lanes <n>', 'inference threads, each with its own session', positiveInteger)
    .option('--threads-per-lane <n>', 'threads of one session', positiveInteger)
    .option('--batch-rows <n>', 'rows of one inference call', positiveInteger)
    .option('--engines <n>', 'engine processes', positiveInteger)
    .option('--memory-limit <size>', 'of all engine processes together: 2GiB, or 60%', memorySize)
    .option('-q, --quiet', 'print errors only')
    .addOption(json())
    .addHelpText(
      'after',
      '\nLanes, threads, batch, engines and memory are chosen for this machine where not given.',
    )
    .action((job: string, flags: RunFlags) => {
      start(
        loadServices().then(async (services) => {
          const { runJob } = await import('./commands/run.js');
          return runJob(job, flags, terminal, services);
        }),
      );
    });

  program
    .command('inspect')
    .description('show Parquet data, an ONNX model, or a run')
    .argument('<path>', 'a Parquet file or folder, an .onnx file, an output folder, a manifest')
    .option('--run <id>', 'this run of an output folder; else the last finished one')
    .option('--data', "an output folder's Parquet instead of its run")
    .addOption(json())
    .action((location: string, flags: InspectFlags) => {
      start(
        loadServices().then(async (services) => {
          const { inspect } = await import('./commands/inspect.js');
          return inspect(location, flags, terminal, services);
        }),
      );
    });

  return program;
}

/** What all commands on a job share. */
function jobOptions(command: Command): Command {
  return command
    .argument('<job>', 'a name in the jobs folder, or the path of a definition or its folder')
    .option('-p, --param <name=value>', 'a parameter of the job; may be repeated', addParameter)
    .option('--input <uri>', 'read from here instead')
    .option('--output <uri>', 'write to here instead')
    .addOption(
      new Option('--mode <mode>', 'what to do with results that are there').choices([
        'create',
        'overwrite',
        'append',
      ]),
    );
}

const json = (): Option => new Option('--json', 'print one JSON document, errors included');
