import { OUTPUT_MODES } from '@shardmill/core';
import { type Command, Option } from 'commander';
import { addParameter, cost, duration, positiveInteger } from '../option-values.js';

/** What all commands on a job share. */
export function jobOptions(command: Command): Command {
  return inputOptions(command)
    .option('--output <uri>', 'write to here instead')
    .addOption(
      new Option('--mode <mode>', 'what to do with results that are there').choices(OUTPUT_MODES),
    );
}

/** Of these, what is about the job and its input. @param job how the argument is written. */
export function inputOptions(command: Command, job: '<job>' | '[job]' = '<job>'): Command {
  return command
    .argument(job, 'a name in the jobs folder, or the path of a definition or its folder')
    .option('-p, --param <name=value>', 'a parameter of the job; may be repeated', addParameter)
    .option('--input <uri>', 'read from here instead');
}

/** What commands on this machine have beside. */
export function trialOptions(command: Command): Command {
  return command
    .option(
      '--limit <rows>',
      'take the first rows only; they go to OUTPUT_sample without --output',
      positiveInteger,
    )
    .option('--sample <rows>', 'the same with rows from all over the input', positiveInteger);
}

/** What stops a run before its end, instead of what its job says. */
export function limitOptions(command: Command): Command {
  return command
    .option('--max-duration <time>', 'stop a run that takes longer: 90m, 2h', duration)
    .option('--max-cost <n>', 'stop a run whose workers cost more (price.workerHour)', cost);
}
