import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readRegularFile, ShardmillError } from '@shardmill/core';

/** Endings of the languages that can be read, in the order in which files are looked for. */
export const DEFINITION_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.yaml', '.yml', '.json'];

/** Bytes of a definition, at most. */
const MAX_DEFINITION_BYTES = 2 ** 20;

/**
 * What a file in TypeScript, JavaScript, YAML or JSON defines; the reader of its language is loaded
 * only when needed.
 * @throws JOB_UNREADABLE with file, line and column; JOB_TOO_LARGE; JOB_INVALID for a module that defines nothing.
 */
export async function readDefinition(file: string): Promise<unknown> {
  await refuseLarge(file);
  switch (path.extname(file)) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs': {
      const { readTypeScript } = await import('./typescript.js');
      return readTypeScript(file);
    }
    case '.yaml':
    case '.yml': {
      const { parseYaml } = await import('./yaml.js');
      return parseYaml(await readText(file), file);
    }
    case '.json': {
      const { parseJson } = await import('./json.js');
      return parseJson(await readText(file), file);
    }
    default:
      throw new ShardmillError('JOB_UNREADABLE', 'this is no definition', {
        where: file,
        remedy: 'Give a .ts, .mts, .js, .mjs, .yaml, .yml or .json file.',
      });
  }
}

/** Before anything parses it: YAML of 60 MB takes more than a minute. */
async function refuseLarge(file: string): Promise<void> {
  const bytes = await stat(file).then(
    ({ size }) => size,
    // Reading it says why it cannot be read.
    () => 0,
  );
  if (bytes <= MAX_DEFINITION_BYTES) return;
  throw new ShardmillError(
    'JOB_TOO_LARGE',
    `the definition has ${bytes.toLocaleString('en')} bytes, of at most ${MAX_DEFINITION_BYTES.toLocaleString('en')}`,
    { where: file },
  );
}

async function readText(file: string): Promise<string> {
  try {
    return Buffer.from(await readRegularFile(file))
      .toString('utf8')
      .replace(/^\uFEFF/, '');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ShardmillError('JOB_UNREADABLE', message, { where: file, cause: error });
  }
}
