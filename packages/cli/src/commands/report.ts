import path from 'node:path';
import { reportRun, type RunReport } from '@shardmill/client/report';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import type { Services } from '@shardmill/client/services';
import { InvariantError, ShardmillError, shellWord } from '@shardmill/core';
import { openFile } from '../open-file.js';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { plural } from '../ui/text/format.js';
import { shortPath } from '../ui/text/shorten-paths.js';
import { writeWhole } from '../write-whole.js';
import type { Style } from '../ui/text/style.js';

export interface ReportFlags {
  readonly run?: string | undefined;
  readonly format: 'html' | 'json' | 'md';
  readonly output?: string | undefined;
  readonly open?: boolean | undefined;
  /** False for `--no-examples`. */
  readonly examples: boolean;
  readonly json?: boolean | undefined;
  readonly compare?: boolean | undefined;
}

/** Makes a report of a run, or of two: a file, or text on standard output. @throws ShardmillError */
export async function report(
  references: readonly string[],
  flags: ReportFlags,
  terminal: Terminal,
  services: Pick<Services, 'stores' | 'withEngine' | 'withFleet'>,
): Promise<Result> {
  refuseContradictions(references, flags);
  const { run, format, compare = false } = flags;
  // Two runs are compared without the rows that they rejected.
  const options = { run, examples: flags.examples && !compare };
  const runs: RunReport[] = [];
  for (const reference of references) {
    runs.push(await reportRun(reference, options, terminal.cwd, services));
  }
  const document = compare ? { schemaVersion: DOCUMENT_VERSION, runs } : runs[0];
  const file = fileOf(flags, runs, terminal.cwd);
  if (file === undefined && flags.json === true) return { json: () => document, text: () => '' };
  const text =
    format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : await render(runs, format);
  if (file === undefined) return { text: () => text };
  await writeWhole(file, text);
  if (flags.open === true) await openFile(file);
  return { json: () => document, text: (style) => writtenText(runs, file, style) };
}

function writtenText(runs: readonly RunReport[], file: string, { colors, cwd }: Style): string {
  const names = runs.map(({ job, runId }) => `${colors.bold(job.name)}  ${colors.dim(runId)}`);
  const lines = names.map((name) => `${colors.green('✓')} ${name}`);
  return [...lines, '', `  report  ${shellWord(shortPath(file, cwd))}`].join('\n');
}

/** @throws USAGE */
function refuseContradictions(
  references: readonly string[],
  { format, output, open, json, compare, run }: ReportFlags,
): void {
  const expected = compare === true ? 2 : 1;
  if (references.length !== expected) {
    throw new ShardmillError(
      'USAGE',
      `${plural(references.length, 'run')} given, expected ${expected}${compare === true ? ' with --compare' : ''}`,
      { remedy: 'Give one run, or two with --compare.' },
    );
  }
  if (compare === true && run !== undefined) {
    throw new ShardmillError('USAGE', '--run names one run, and --compare takes two', {
      remedy: 'Give the manifest of a run in place of its output folder.',
    });
  }
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
  runs: readonly RunReport[],
  cwd: string,
): string | undefined {
  if (output !== undefined) return path.resolve(cwd, output);
  const ids = runs.map(({ runId }) => runId).join('-');
  return format === 'html' && json !== true
    ? path.join(cwd, `shardmill-report-${ids}.html`)
    : undefined;
}

async function render(runs: readonly RunReport[], format: 'html' | 'md'): Promise<string> {
  const [first, second] = runs;
  if (first === undefined) throw new InvariantError('there is no run');
  if (format === 'md') {
    return second === undefined
      ? (await import('../report/markdown-report.js')).markdownReport(first)
      : (await import('../report/compare/compare-markdown.js')).compareMarkdown(first, second);
  }
  return second === undefined
    ? (await import('../report/html-report.js')).htmlReport(first)
    : (await import('../report/compare/compare-html.js')).compareHtml(first, second);
}
