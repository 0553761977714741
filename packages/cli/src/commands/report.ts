import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { reportRun, type RunReport } from '@shardmill/client/report';
import type { Services } from '@shardmill/client/services';
import { ShardmillError, shellWord, storageError } from '@shardmill/core';
import { openFile } from '../open-file.js';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { shortPath } from '../ui/text/shorten-paths.js';

export interface ReportFlags {
  readonly run?: string | undefined;
  readonly format: 'html' | 'json' | 'md';
  readonly output?: string | undefined;
  readonly open?: boolean | undefined;
  /** False for `--no-examples`. */
  readonly examples: boolean;
  readonly json?: boolean | undefined;
}

/** Makes a report of a run: a file, or text on standard output. @throws ShardmillError */
export async function report(
  reference: string,
  flags: ReportFlags,
  terminal: Terminal,
  services: Pick<Services, 'stores' | 'withEngine' | 'withFleet'>,
): Promise<Result> {
  refuseContradictions(flags);
  const { run, examples, format } = flags;
  const made = await reportRun(reference, { run, examples }, terminal.cwd, services);
  const file = fileOf(flags, made, terminal.cwd);
  if (file === undefined) {
    if (flags.json === true) return { json: () => made, text: () => '' };
    const text = await render(made, format);
    return { text: () => text };
  }
  await writeWhole(file, await render(made, format));
  if (flags.open === true) await openFile(file);
  return {
    json: () => made,
    text: ({ colors, cwd }) =>
      `${colors.green('✓')} ${colors.bold(made.job.name)}  ${colors.dim(made.runId)}\n\n  report  ${shellWord(shortPath(file, cwd))}`,
  };
}

/** @throws USAGE */
function refuseContradictions({ format, output, open, json }: ReportFlags): void {
  if (open !== true) return;
  if (format !== 'html') {
    throw new ShardmillError('USAGE', `--open shows HTML, and --format is ${format}`, {
      remedy: 'Leave one of them out.',
    });
  }
  if (json === true && output === undefined) {
    throw new ShardmillError('USAGE', '--open needs a file, and --json alone writes none', {
      remedy: 'Give --output beside --json.',
    });
  }
}

/** Where the report goes; undefined for standard output. A page is of no use there. */
function fileOf(
  { format, output, json }: ReportFlags,
  { runId }: RunReport,
  cwd: string,
): string | undefined {
  if (output !== undefined) return path.resolve(cwd, output);
  return format === 'html' && json !== true
    ? path.join(cwd, `shardmill-report-${runId}.html`)
    : undefined;
}

async function render(made: RunReport, format: ReportFlags['format']): Promise<string> {
  switch (format) {
    case 'html':
      return (await import('../report/html-report.js')).htmlReport(made);
    case 'md':
      return (await import('../report/markdown-report.js')).markdownReport(made);
    case 'json':
      return `${JSON.stringify(made, null, 2)}\n`;
    default: {
      const unknown: never = format;
      return unknown;
    }
  }
}

/** A file that is there is replaced when the new one is whole. @throws OUTPUT_NOT_WRITABLE, DISK_FULL */
async function writeWhole(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw storageError(error, file, 'write');
  }
}
