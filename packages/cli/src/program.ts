import { Command, CommanderError } from 'commander';
import { EXIT_CODE_HELP } from './exit-code-help.js';
import { addBackfillCommands } from './program/backfill-commands.js';
import { addEvaluateCommand } from './program/evaluate-command.js';
import { addFleetCommands } from './program/fleet-commands.js';
import { addLocalCommands } from './program/local-commands.js';
import { addModelCommands } from './program/model-commands.js';
import { ProgramContext } from './program/program-context.js';
import { addProfileCommands } from './program/profile-commands.js';
import { addRunCommands } from './program/run-commands.js';
import { addScheduleCommands } from './program/schedule-commands.js';
import type { Result } from './result.js';
import type { LoadServices } from '@shardmill/client/services';
import type { Terminal } from './terminal.js';
import { version } from '@shardmill/client/version';

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
  let shown = '';
  const context = new ProgramContext(terminal, loadServices);
  const program = buildProgram(context);
  for (const command of commandsOf(program)) {
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
  return (await context.answer) ?? { text: () => shown };
}

/** A command and all below it. */
function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

/** All commands; the one that is called puts its answer into the context. */
function buildProgram(context: ProgramContext): Command {
  const program = new Command('shardmill')
    .description('Scores Parquet datasets with ONNX models: every row once, or a reason why not.')
    .version(version(), '-V, --version')
    .option('--no-color', 'plain text; NO_COLOR does the same')
    .helpCommand(false)
    .showHelpAfterError(false)
    .addHelpText('after', EXIT_CODE_HELP);
  addLocalCommands(program, context);
  addEvaluateCommand(program, context);
  addRunCommands(program, context);
  addModelCommands(program, context);
  addProfileCommands(program, context);
  addScheduleCommands(program, context);
  addBackfillCommands(program, context);
  addFleetCommands(program, context);
  return program;
}
