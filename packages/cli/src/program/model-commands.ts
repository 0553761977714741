import type { AliasOptions } from '@shardmill/client/models';
import type { SettingGroup } from '@shardmill/client/settings';
import type { Command } from 'commander';
import type { AddModelFlags } from '../commands/model/add-model.js';
import type { PromoteFlags } from '../commands/model/change-alias.js';
import { addSettingOptions } from '../config/setting-options.js';
import type { TestModelFlags } from '../commands/model/test-model.js';
import { positiveInteger, tolerance, wholeNumber } from '../option-values.js';
import { inputOptions } from './job-options.js';
import { jsonOption, type ProgramContext } from './program-context.js';

const REGISTRY: readonly SettingGroup[] = ['state', 's3'];
/** A model that is added is loaded first. */
const ADDING: readonly SettingGroup[] = [...REGISTRY, 'cache', 'plan'];
const VERSION = wholeNumber({ least: 1, most: 999_999_999 });

/** Commands on the model registry, which is in the state location. */
export function addModelCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  program.commandsGroup('Models:');

  const model = program
    .command('model')
    .description('register models, and say which version is in production')
    .helpCommand(false);

  const add = model
    .command('add')
    .description('check an ONNX model and register it as the next version of a name')
    .argument('<uri>', 'the ONNX file: a path, or s3://BUCKET/KEY')
    .requiredOption('--name <name>', 'the name of the model')
    .option('--as-version <n>', 'its number, instead of the next one', VERSION)
    .option('--note <text>', 'for people: where it comes from, what is new')
    .option('--reference', 'leave the file where it is, instead of copying it into the registry')
    .addOption(jsonOption())
    .action((uri: string, flags: AddModelFlags) => {
      context.start(flags, ADDING, async (services) => {
        const { addModel } = await import('../commands/model/add-model.js');
        return addModel(uri, flags, terminal, services);
      });
    });

  model
    .command('list')
    .description('list all models, with their aliases')
    .addOption(jsonOption())
    .action((flags: object) => {
      context.start(flags, REGISTRY, async (services) => {
        const { listModels } = await import('../commands/model/look-at-models.js');
        return listModels(services);
      });
    });

  model
    .command('show')
    .description('show the versions of a model, or what one version is')
    .argument('<model>', 'churn, churn@7 or churn@production')
    .addOption(jsonOption())
    .action((name: string, flags: object) => {
      context.start(flags, REGISTRY, async (services) => {
        const { showModel } = await import('../commands/model/look-at-models.js');
        return showModel(name, services);
      });
    });

  changing(model.command('promote'))
    .description('make a version the one that jobs score with')
    .argument('<version>', 'churn@7, or churn@candidate for what that points to')
    .option('--to <alias>', 'another alias than production')
    .option('--allow-breaking', 'also where it has other inputs or outputs than the one before')
    .option('--require-checks', 'only if a finished run with this model has passed its checks')
    .action((reference: string, flags: PromoteFlags) => {
      context.start(flags, REGISTRY, async (services) => {
        const { promote } = await import('../commands/model/change-alias.js');
        return promote(reference, flags, services);
      });
    });

  changing(model.command('rollback'))
    .description('go back to the version that an alias pointed to before')
    .argument('<model>', 'churn for its production, or churn@ALIAS')
    .action((name: string, flags: AliasOptions) => {
      context.start(flags, REGISTRY, async (services) => {
        const { rollback } = await import('../commands/model/change-alias.js');
        return rollback(name, flags, services);
      });
    });

  changing(model.command('alias'))
    .description('make any alias point to a version, whatever that is: alias churn@7 candidate')
    .argument('<version>', 'churn@7, or churn@candidate for what that points to')
    .argument('<alias>', 'a name that is no number')
    .action((reference: string, alias: string, flags: AliasOptions) => {
      context.start(flags, REGISTRY, async (services) => {
        const { setAlias } = await import('../commands/model/change-alias.js');
        return setAlias(reference, alias, flags, services);
      });
    });

  changing(model.command('unalias'))
    .description('remove an alias; its version stays')
    .argument('<alias>', 'churn@candidate')
    .action((reference: string, flags: AliasOptions) => {
      context.start(flags, REGISTRY, async (services) => {
        const { unalias } = await import('../commands/model/change-alias.js');
        return unalias(reference, flags, services);
      });
    });

  model
    .command('history')
    .description('show what happened to a model, the latest first')
    .argument('<model>', 'churn, or churn@production for that alias alone')
    .addOption(jsonOption())
    .action((name: string, flags: object) => {
      context.start(flags, REGISTRY, async (services) => {
        const { showHistory } = await import('../commands/model/look-at-models.js');
        return showHistory(name, services);
      });
    });

  model
    .command('diff')
    .description('show which inputs and outputs of two versions differ, and what would break a job')
    .argument('<before>', 'churn@production')
    .argument('<after>', 'churn@candidate')
    .addOption(jsonOption())
    .action((before: string, after: string, flags: object) => {
      context.start(flags, REGISTRY, async (services) => {
        const { diffModels } = await import('../commands/model/look-at-models.js');
        return diffModels(before, after, services);
      });
    });

  const test = inputOptions(model.command('test'))
    .description('score a sample with the model of a job and with another one, and compare')
    .requiredOption('--model <model>', 'the other one: churn@candidate, or an ONNX file')
    .option('--sample <rows>', 'rows from all over the input', positiveInteger, 10_000)
    .option('--tolerance <x>', 'numbers agree within this, as it is or times the larger', tolerance)
    .addOption(jsonOption())
    .action((job: string, flags: TestModelFlags) => {
      context.start(flags, ADDING, async (services) => {
        const { testModel } = await import('../commands/model/test-model.js');
        return testModel(job, flags, terminal, services);
      });
    });

  const scoring = [add, test];
  for (const command of model.commands)
    addSettingOptions(command, scoring.includes(command) ? ADDING : REGISTRY);
}

/** What all commands that change an alias have. */
const changing = (command: Command): Command =>
  command
    .option('--expect <n>', 'only if the alias points to this version now', VERSION)
    .option('--note <text>', 'for people: why')
    .addOption(jsonOption());
