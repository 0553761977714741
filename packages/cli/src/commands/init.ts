import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  isS3,
  resolveLocation,
  ShardmillError,
  storageError,
  UNDECIDED,
  makeFolder,
} from '@shardmill/core';
import { exampleFacts, jobOutline, type OutlineFacts } from '../init/job-outline.js';
import { renderTypeScript } from '../init/render-typescript.js';
import { renderYaml } from '../init/render-yaml.js';
import { findFeatureNames } from '../init/find-feature-names.js';
import { knownColumns } from '../init/known-column.js';
import { suggestFeatures } from '../init/suggest-features.js';
import { suggestNulls } from '../init/suggest-nulls.js';
import { suggestOutputColumns } from '../init/suggest-output.js';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { shortPath } from '../ui/text/shorten-paths.js';
import { plural } from '../ui/text/format.js';
import { fieldLines, optionalField } from '../ui/text/text-layout.js';

export interface InitFlags {
  readonly yaml?: boolean | undefined;
  readonly from?: string | undefined;
  readonly model?: string | undefined;
}

/** What was found out, and what was not. */
interface Suggested {
  readonly facts: OutlineFacts;
  /** What a person has to decide before the job can run. */
  readonly undecided: readonly string[];
  /** Columns by which a score finds its row; undefined where nothing was read. */
  readonly keys: readonly string[] | undefined;
}

/**
 * Writes a commented job into a new folder, filled in from a Parquet file and a model where they
 * are given. What is not certain is left undecided: such a job is refused until it is. @throws JOB_EXISTS, USAGE, and what the engine throws for a damaged file.
 */
export async function initJob(
  folder: string,
  flags: InitFlags,
  terminal: Terminal,
  services: Pick<Services, 'withEngine' | 'stores'>,
): Promise<Result> {
  const target = path.resolve(terminal.cwd, folder);
  if (existsSync(target)) {
    throw new ShardmillError('JOB_EXISTS', `"${folder}" exists already`, { where: target });
  }
  if ((flags.from === undefined) !== (flags.model === undefined)) {
    const given = flags.from === undefined ? '--model' : '--from';
    throw new ShardmillError('USAGE', `${given} was given without its other half`, {
      remedy: 'Give both, --from PARQUET --model ONNX, or neither.',
    });
  }
  const { facts, undecided, keys }: Suggested =
    flags.from === undefined || flags.model === undefined
      ? { facts: exampleFacts(jobName(target)), undecided: [], keys: undefined }
      : await suggest(target, flags.from, flags.model, terminal.cwd, services);
  const file = path.join(target, flags.yaml ? 'job.yaml' : 'job.ts');
  const outline = jobOutline(facts);
  const text = flags.yaml ? renderYaml(outline) : renderTypeScript(outline);
  await writeNew(file, text);
  const checks = [...facts.features, ...facts.outputColumns, ...[facts.nulls ?? []].flat()].filter(
    (entry) => entry.comment?.includes('CHECK'),
  ).length;
  return {
    json: () => ({ file, name: facts.name, toCheck: checks, undecided, keys: keys ?? [] }),
    text: ({ colors, cwd }) => {
      const shown = shortPath(file, cwd);
      const job = shortPath(target, cwd);
      const reference = /^[./]/.test(job) || path.dirname(job) === 'jobs' ? job : `./${job}`;
      const places = [
        ...(undecided.length > 0
          ? [`${plural(undecided.length, 'place')} marked ${UNDECIDED}`]
          : []),
        ...(checks > 0 ? [`${plural(checks, 'place')} marked CHECK`] : []),
      ];
      const next =
        flags.from === undefined
          ? `edit ${shown}: location of the input, the model, features, columns`
          : places.length > 0
            ? `edit ${shown}: ${places.join(', ')}`
            : `look through ${shown}`;
      const commands = ['validate', 'plan', 'run'].map((name) => `shardmill ${name} ${reference}`);
      return [
        `${colors.green('✓')} wrote ${colors.bold(shown)}`,
        '',
        ...fieldLines(
          [
            ...optionalField('decide', undecided.join('\n')),
            ...optionalField('key', keys?.length === 0 ? 'no column looks like one' : ''),
            ['next', next],
            ['then', commands.join('\n')],
          ],
          colors.dim,
        ),
      ].join('\n');
    },
  };
}

async function suggest(
  target: string,
  from: string,
  modelPath: string,
  cwd: string,
  services: Pick<Services, 'withEngine' | 'stores'>,
): Promise<Suggested> {
  const input = resolveLocation(from, cwd);
  const modelFile = resolveLocation(modelPath, cwd);
  const { parquet, model } = await services.withEngine(async (engine) => ({
    parquet: await engine.inspectParquet(input),
    model: await engine.inspectModel(modelFile),
  }));
  const columns = knownColumns(parquet);
  const names = await findFeatureNames(model, services.stores);
  const modelUri = relativeTo(target, modelFile);
  const tokenizer = `${modelUri.slice(0, modelUri.lastIndexOf('/') + 1)}tokenizer.json`;
  const features = suggestFeatures(model, columns, names, tokenizer);
  const output = suggestOutputColumns(model, columns);
  const facts = {
    name: jobName(target),
    inputUri: relativeTo(target, input),
    modelUri,
    sha256: model.sha256,
    features: features.entries,
    nulls: suggestNulls(model, features.used),
    outputColumns: output.entries,
    outputUri: './out/',
  };
  return { facts, undecided: features.undecided, keys: output.keys.map(({ name }) => name) };
}

/** The folder's name as a job's name. */
function jobName(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '');
  return name === '' ? 'job' : name.slice(0, 63);
}

function relativeTo(folder: string, file: string): string {
  if (isS3(file)) return file;
  const relative = path.relative(folder, file).split(path.sep).join('/');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await makeFolder(path.dirname(file));
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    throw storageError(error, file, 'write');
  }
}
