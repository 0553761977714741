import { requireRegularFile, ShardmillError } from '@shardmill/core';
import { importModule } from '@shardmill/worker/import-module';

/**
 * The default export of a TypeScript or JavaScript definition.
 * @throws JOB_UNREADABLE with line and column where known, JOB_INVALID without a default export.
 */
export async function readTypeScript(file: string): Promise<unknown> {
  let exports: unknown;
  try {
    // To read a pipe would wait for its writer.
    await requireRegularFile(file);
    exports = await importModule(file);
  } catch (error) {
    if (error instanceof ShardmillError) throw error;
    throw new ShardmillError('JOB_UNREADABLE', messageOf(error), {
      where: placeOf(error, file),
      cause: error,
    });
  }
  const definition: unknown = Reflect.get(Object(exports), 'default');
  if (definition === undefined || typeof definition === 'function') {
    const seen = definition === undefined ? 'there is none' : 'it is a function';
    throw new ShardmillError('JOB_INVALID', `the default export is no definition: ${seen}`, {
      where: file,
      remedy: 'Write: export default defineJob({ … });',
    });
  }
  return definition;
}

/** The first line, without the place and the excerpt that the parser adds. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const first = text.split('\n')[0] ?? text;
  return first.replace(/^ParseError:\s*/, '').trim();
}

/**
 * `file:line:column` of a syntax error, `file:line` of one thrown while the file ran: lines are kept
 * by the translation to JavaScript, columns are not.
 */
function placeOf(error: unknown, file: string): string {
  if (!(error instanceof Error)) return file;
  const text = `${error.message}\n${error.stack ?? ''}`;
  const at = text.indexOf(`${file}:`);
  const place = at < 0 ? null : /^:(\d+)(?::(\d+))?/.exec(text.slice(at + file.length));
  if (place === null) return file;
  // The parser counts columns from 0.
  const column = error.message.startsWith('ParseError') ? `:${Number(place[2] ?? 0) + 1}` : '';
  return `${file}:${place[1]}${column}`;
}
