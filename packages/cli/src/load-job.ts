import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Job, ShardmillError } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { findJob } from './find-job.js';

export interface LoadedJob {
  /** As the user wrote it. */
  readonly definition: unknown;
  /** Checked and with defaults; templates are not filled in. */
  readonly job: Job;
  /** Absolute path of the definition. */
  readonly file: string;
}

/**
 * Finds, reads and checks a job; the reader of its language is loaded only when needed.
 * @throws JOB_NOT_FOUND, JOB_UNREADABLE with file, line and column, JOB_INVALID
 */
export async function loadJob(reference: string, cwd: string): Promise<LoadedJob> {
  const file = findJob(reference, cwd);
  const definition = await readDefinition(file);
  return { definition, job: parseJob(definition, file), file };
}

async function readDefinition(file: string): Promise<unknown> {
  switch (path.extname(file)) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs': {
      const { readTypeScript } = await import('./read-definition/typescript.js');
      return readTypeScript(file);
    }
    case '.yaml':
    case '.yml': {
      const { parseYaml } = await import('./read-definition/yaml.js');
      return parseYaml(await readText(file), file);
    }
    case '.json': {
      const { parseJson } = await import('./read-definition/json.js');
      return parseJson(await readText(file), file);
    }
    default:
      throw new ShardmillError('JOB_UNREADABLE', 'this is no job definition', {
        where: file,
        remedy: 'Give a .ts, .mts, .js, .mjs, .yaml, .yml or .json file.',
      });
  }
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ShardmillError('JOB_UNREADABLE', message, { where: file, cause: error });
  }
}
