import { ShardmillError, suggestion } from '@shardmill/core';
import type { Command, CommanderError } from 'commander';
import { BEGIN } from './program/backfill-commands.js';

/** What commander found wrong, as an error with the nearest names. */
export function usageError(
  { code, message }: Pick<CommanderError, 'code' | 'message'>,
  program: Command,
  args: readonly string[],
): ShardmillError {
  const command = commandOf(program, args);
  const full = fullName(command);
  const detail = { where: full, remedy: `Run \`${full} --help\`.` };
  const plain = message.replace(/^error: /, '').replace(/\n?\(Did you mean[^)]*\)$/, '');
  const quoted = /'([^']*)'/.exec(plain)?.[1] ?? '';
  if (code === 'commander.unknownOption') {
    const flag = quoted.replace(/=.*$/, '');
    const near = suggestion(flag, flagsOf(program, command), 'Its options are');
    return new ShardmillError('USAGE', `unknown option "${flag}".${near}`, detail);
  }
  if (code === 'commander.unknownCommand') {
    const names = command.commands.map((known) => known.name());
    const near = suggestion(quoted, names, 'The commands are');
    return new ShardmillError('USAGE', `unknown command "${quoted}".${near}`, detail);
  }
  if (code === 'commander.help') {
    const names = command.commands.map((known) => known.name()).join(', ');
    return new ShardmillError('USAGE', `a command is missing: one of ${names}`, detail);
  }
  const missing = code === 'commander.missingArgument' ? MISSING[quoted] : undefined;
  return new ShardmillError('USAGE', plain, {
    ...detail,
    remedy: missing === undefined ? detail.remedy : `${missing} ${detail.remedy}`,
  });
}

/** Where to find what was left out. */
const MISSING: Readonly<Record<string, string | undefined>> = {
  run: '`shardmill runs` lists the runs of the fleet.',
  backfill: '`shardmill backfill list` lists the backfills.',
  model: '`shardmill model list` lists the models.',
  version: 'A version is NAME@NUMBER or NAME@ALIAS; `shardmill model list` lists the models.',
  name: '`shardmill schedule list` lists the schedules.',
  folder: 'A folder of jobs has a definition or a folder for each: `shardmill schedule sync jobs`.',
  job: 'A job is a name in the jobs folder, or the path of a definition; `shardmill init DIR` writes one.',
};

/** The command that is called, or the one whose command of that name is not known. */
function commandOf(program: Command, args: readonly string[]): Command {
  const [name, ...rest] = args.filter((arg) => !arg.startsWith('-'));
  const named = (wanted: string | undefined): Command | undefined =>
    program.commands.find((command) => command.name() === wanted);
  const below = named(name);
  return below === undefined ? (named(BEGIN) ?? program) : commandOf(below, rest);
}

/** `shardmill schedule set` */
function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function flagsOf(program: Command, command: Command): string[] {
  return [...command.options, ...program.options]
    .flatMap((option) => (option.long == null ? [] : [option.long]))
    .concat('--help');
}
