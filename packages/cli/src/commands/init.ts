import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isS3, resolveLocation, ShardmillError, storageError } from '@shardmill/core';
import { exampleFacts, jobOutline, type OutlineFacts } from '../init/job-outline.js';
import { renderTypeScript } from '../init/render-typescript.js';
import { renderYaml } from '../init/render-yaml.js';
import { suggestFeatures, suggestOutputColumns } from '../init/suggest-features.js';
import type { Result } from '../result.js';
import type { Services } from '../services.js';
import type { Terminal } from '../terminal.js';
import { shortPath } from '../ui/shorten-paths.js';
import { plural } from '../ui/format.js';
import { fieldLines } from '../ui/text-layout.js';

export interface InitFlags {
  readonly yaml?: boolean | undefined;
  readonly from?: string | undefined;
  readonly model?: string | undefined;
}

/**
 * Writes a commented job into a new folder, filled in from a Parquet file and a model where they
 * are given. @throws JOB_EXISTS, USAGE, and what the engine throws for a damaged file.
 */
export async function initJob(
  folder: string,
  flags: InitFlags,
  terminal: Terminal,
  services: Pick<Services, 'withEngine'>,
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
  const facts =
    flags.from === undefined || flags.model === undefined
      ? exampleFacts(jobName(target))
      : await inspectedFacts(target, flags.from, flags.model, terminal.cwd, services);
  const file = path.join(target, flags.yaml ? 'job.yaml' : 'job.ts');
  const outline = jobOutline(facts);
  const text = flags.yaml ? renderYaml(outline) : renderTypeScript(outline, packageFor(target));
  await writeNew(file, text);
  const checks = [...facts.features, ...facts.outputColumns].filter((entry) =>
    entry.comment?.includes('CHECK'),
  ).length;
  return {
    json: () => ({ file, name: facts.name, toCheck: checks }),
    text: ({ colors, cwd }) => {
      const shown = shortPath(file, cwd);
      const job = shortPath(target, cwd);
      const reference = /^[./]/.test(job) || path.dirname(job) === 'jobs' ? job : `./${job}`;
      return [
        `${colors.green('✓')} wrote ${colors.bold(shown)}`,
        '',
        ...fieldLines(
          [
            [
              'next',
              flags.from === undefined
                ? `edit ${shown}: location of the input, the model, features, columns`
                : checks > 0
                  ? `edit ${shown}: ${plural(checks, 'place')} marked CHECK`
                  : `look through ${shown}`,
            ],
            [
              'then',
              `shardmill validate ${reference}\nshardmill plan ${reference}\nshardmill run ${reference}`,
            ],
          ],
          colors.dim,
        ),
      ].join('\n');
    },
  };
}

async function inspectedFacts(
  target: string,
  from: string,
  modelPath: string,
  cwd: string,
  services: Pick<Services, 'withEngine'>,
): Promise<OutlineFacts> {
  const input = resolveLocation(from, cwd);
  const modelFile = resolveLocation(modelPath, cwd);
  const { parquet, model } = await services.withEngine(async (engine) => ({
    parquet: await engine.inspectParquet(input),
    model: await engine.inspectModel(modelFile),
  }));
  return {
    name: jobName(target),
    inputUri: relativeTo(target, input),
    modelUri: relativeTo(target, modelFile),
    sha256: model.sha256,
    features: suggestFeatures(model, parquet.columns),
    outputColumns: suggestOutputColumns(model, parquet.columns),
    outputUri: './out/',
  };
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

/** The package that an editor can find from there; when the job is run, both names are served. */
function packageFor(folder: string): string {
  for (let place = folder; place !== path.dirname(place); place = path.dirname(place)) {
    const modules = path.join(place, 'node_modules');
    if (existsSync(path.join(modules, 'shardmill'))) return 'shardmill';
    if (existsSync(path.join(modules, '@shardmill/core'))) return '@shardmill/core';
  }
  return 'shardmill';
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    throw storageError(error, file, 'write');
  }
}
