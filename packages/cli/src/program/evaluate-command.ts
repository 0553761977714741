import type { SettingGroup } from '@shardmill/client/settings';
import { type Command, Option } from 'commander';
import type { EvaluateFlags } from '../commands/evaluate.js';
import { addSettingOptions } from '../config/setting-options.js';
import { addName, number } from '../option-values.js';
import { jsonOption, type ProgramContext } from './program-context.js';

/** A run may be one of a fleet. */
const SETTINGS: readonly SettingGroup[] = ['redis', 'state', 's3', 'cache', 'plan'];

/** `evaluate`: the scores of a run against labels that came later. */
export function addEvaluateCommand(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  const evaluate = program
    .command('evaluate')
    .description('measure how good the scores of a run are, by labels that came later')
    .argument('<run>', 'an output folder, a manifest, the id of a run of a fleet, or "last"')
    .requiredOption('--labels <parquet>', 'the labels: a Parquet file or folder, or s3://')
    .option('--key <column>', 'joins both; may be repeated; else the only one in common', addName)
    .option('--label <column>', 'of the labels; else the only one beside the key')
    .option('--score <column>', 'of the result; may be repeated; else all that suit', addName)
    .addOption(
      new Option('--task <task>', 'what the labels are; else by their values').choices([
        'binary',
        'regression',
        'classes',
      ]),
    )
    .option('--positive <value>', 'the label that stands for yes')
    .option('--threshold <x>', 'a score of at least this is taken for yes (0.5)', number)
    .option('--run <id>', 'this run of an output folder; else the last finished one')
    .option('--save', 'store it with the run, for its report')
    .addOption(jsonOption())
    .action((reference: string, flags: EvaluateFlags) => {
      context.start(flags, SETTINGS, async (services) => {
        const { evaluate: measure } = await import('../commands/evaluate.js');
        return measure(reference, flags, terminal, services);
      });
    });
  addSettingOptions(evaluate, SETTINGS);
}
