import type { ErrorDocument } from '@shardmill/client/document-schemas';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import { type ErrorRecord, EXIT_CODES, ShardmillError, toShardmillError } from '@shardmill/core';
import type { Terminal } from '../terminal.js';
import { shortenPaths } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import { wrapText } from './text/text-layout.js';

/** Prints what was thrown, as JSON on standard output or for people on standard error. */
export function reportError(thrown: unknown, json: boolean, terminal: Terminal): number {
  const error = toShardmillError(thrown);
  if (json) {
    terminal.out(`${JSON.stringify(errorDocument(error), null, 2)}\n`);
  } else {
    terminal.err(`${renderError(error, terminal.errStyle)}\n`);
    if (error.code === 'INTERNAL' || process.env['SHARDMILL_DEBUG']) {
      terminal.err(`\n${terminal.errStyle.colors.dim(stackOf(error))}\n`);
    }
  }
  return error.exitCode;
}

/** The document that `--json` prints for an error. */
export function errorDocument(error: ShardmillError): ErrorDocument {
  const { code, message, where, remedy, exitCode } = error;
  const said = { code, message, where: where ?? null, remedy, exitCode };
  return { schemaVersion: DOCUMENT_VERSION, error: said };
}

/** The same for an error that another process had. */
export function renderErrorRecord(record: ErrorRecord, style: Style): string {
  return renderError(ShardmillError.fromRecord(record), style);
}

/** Three paragraphs: what happened, where, what to do; wrapped to the width. */
export function renderError(error: ShardmillError, style: Style): string {
  const { colors, width, cwd } = style;
  const interrupted = error.exitCode === EXIT_CODES.interrupted;
  const word = interrupted ? 'interrupted' : 'error';
  const tint = interrupted ? colors.yellow : colors.red;
  const body = (text: string, start: number): string =>
    wrapText(shortenPaths(text.trim(), cwd), width, INDENT, start);
  const head = interrupted ? word : `${word} ${error.code}`;
  const lines = [
    `${tint(colors.bold(word))}${interrupted ? '' : ` ${tint(error.code)}`}  ${body(error.message, head.length + 2)}`,
  ];
  if (error.where !== undefined) {
    lines.push(`  ${colors.dim('where')}  ${body(error.where, INDENT)}`);
  }
  if (error.remedy !== '') lines.push(`  ${colors.dim('do')}     ${body(error.remedy, INDENT)}`);
  return lines.join('\n');
}

/** Where the texts behind `where` and `do` begin. */
const INDENT = 9;

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
