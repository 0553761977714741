import { ShardmillError } from '@shardmill/core';
import { LineCounter, parseDocument } from 'yaml';

/** A document of a few kilobytes may not unfold to one of gigabytes. */
const MAX_ALIASES = 100;

/** @throws JOB_UNREADABLE with line and column. */
export function parseYaml(text: string, file: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw unreadable(fault.message, `${file}:${line}:${col}`, fault);
  }
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error), file, error);
  }
}

function unreadable(message: string, where: string, cause: unknown): ShardmillError {
  return new ShardmillError('JOB_UNREADABLE', message, { where, cause });
}
