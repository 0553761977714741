import { ShardmillError, suggestion } from '@shardmill/core';
import type { Command, CommanderError } from 'commander';

/** What commander found wrong, as an error with the nearest names. */
export function usageError(
  { code, message }: Pick<CommanderError, 'code' | 'message'>,
  program: Command,
  args: readonly string[],
): ShardmillError {
  const command = commandOf(program, args);
  const full = command === program ? program.name() : `${program.name()} ${command.name()}`;
  const detail = { where: full, remedy: `Run \`${full} --help\`.` };
  const plain = message.replace(/^error: /, '').replace(/\n?\(Did you mean[^)]*\)$/, '');
  const quoted = /'([^']*)'/.exec(plain)?.[1] ?? '';
  if (code === 'commander.unknownOption') {
    const flag = quoted.replace(/=.*$/, '');
    const near = suggestion(flag, flagsOf(program, command), 'Its options are');
    return new ShardmillError('USAGE', `unknown option "${flag}".${near}`, detail);
  }
  if (code === 'commander.unknownCommand') {
    const names = program.commands.map((known) => known.name());
    const near = suggestion(quoted, names, 'The commands are');
    return new ShardmillError('USAGE', `unknown command "${quoted}".${near}`, detail);
  }
  return new ShardmillError('USAGE', plain, detail);
}

function commandOf(program: Command, args: readonly string[]): Command {
  const name = args.find((arg) => !arg.startsWith('-'));
  return program.commands.find((command) => command.name() === name) ?? program;
}

function flagsOf(program: Command, command: Command): string[] {
  return [...command.options, ...program.options]
    .flatMap((option) => (option.long == null ? [] : [option.long]))
    .concat('--help');
}
