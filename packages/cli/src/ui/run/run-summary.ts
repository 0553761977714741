import { memoryText } from '../memory-text.js';
import path from 'node:path';
import type { ShrunkCalls } from '@shardmill/client/local-run';
import { formatShare, frequentReasons, type Manifest, shellWord } from '@shardmill/core';
import { formatBytes, formatCount, formatDuration, formatRate, plural } from '../text/format.js';
import { driftField } from './drift-field.js';
import { challengerLines } from './challenger-lines.js';
import { scoreStatisticsLines } from './score-statistics.js';
import { releaseText } from '../model/release-text.js';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { type Field, fieldLines, optionalField, truncate, wrapText } from '../text/text-layout.js';
import { costText, workTimeText } from '../text/usage-text.js';

const MAX_REASONS = 3;

export interface SummarizedRun {
  readonly output: string;
  readonly manifest: Manifest;
  readonly manifestPath: string;
  /** Output columns worth a histogram; all numeric ones if undefined. */
  readonly scores: readonly string[] | undefined;
  /** What this process knows of the run, if it was the one that did it. */
  readonly attempt?:
    | {
        readonly elapsedMs: number;
        readonly rowsResumed: number;
        readonly resumed: boolean;
        /** One for each engine that had no room for its calls of the model. */
        readonly shrunkCalls?: readonly ShrunkCalls[];
      }
    | undefined;
}

/** The end of `run`, and what `inspect` shows of a finished run. */
export function runSummary(run: SummarizedRun, style: Style): string {
  const { colors, cwd } = style;
  const { manifest } = run;
  const output = shortPath(run.output, cwd);
  const fields: Field[] = [
    ['rows', rowsLine(run)],
    ...optionalField('model', registeredModel(manifest)),
    ['output', `${output}  ${colors.dim(partsOf(manifest))}`],
    ...tableField(run),
    ...optionalField('challenger', challengerText(manifest)),
    ...rejectedField(run, style),
    ...truncatedField(run),
    ...checksField(run, style),
    ...driftField(manifest.drift, style),
    ...qualityField(run, style),
    ...memoryField(run),
    ...costField(run),
    ['manifest', shortPath(run.manifestPath, cwd)],
  ];
  return [
    headline(run, style),
    '',
    ...fieldLines(fields, colors.dim, style.width),
    ...scoreStatisticsLines(manifest.statistics, run.scores, style),
    ...(run.attempt === undefined
      ? []
      : ['', `  ${colors.dim('look at it:')} shardmill inspect ${shellWord(output)}`]),
  ].join('\n');
}

function headline({ manifest, attempt }: SummarizedRun, { colors, width }: Style): string {
  const { name, params } = manifest.job;
  const given = Object.entries(params)
    .filter(([key]) => key !== 'ds_nodash')
    .map(([key, value]) => `${key}=${value}`);
  const what = `${colors.green('✓')} ${colors.bold(name)}`;
  if (attempt === undefined) {
    const facts = [manifest.runId, `finished ${manifest.finishedAt}`, ...given];
    return wrapText(`${what}  ${colors.dim(facts.join('  '))}`, width, 2, 0);
  }
  const rows = manifest.rows.read - attempt.rowsResumed;
  const time = formatDuration(attempt.elapsedMs);
  if (rows <= 0 && attempt.resumed) return `${what} was scored already; finished in ${time}`;
  const rate = formatRate((rows / Math.max(attempt.elapsedMs, 1)) * 1000);
  return `${what} scored ${plural(manifest.rows.scored, 'row')} in ${time} ${colors.dim(`(${rate} rows/s)`)}`;
}

function challengerText({ challengers }: Manifest): string | undefined {
  const lines = challengerLines(challengers);
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** Which version of the registry it was, if it was one. */
function registeredModel({ model: { name, version, alias } }: Manifest): string | undefined {
  if (name === undefined || version === undefined) return undefined;
  return releaseText({ name, version, alias });
}

function rowsLine({ manifest, attempt }: SummarizedRun): string {
  const { read, scored, rejected, filtered } = manifest.rows;
  const sum = `${formatCount(read)} read = ${formatCount(scored)} scored + ${formatCount(rejected)} rejected + ${formatCount(filtered)} filtered`;
  const resumed = attempt?.rowsResumed ?? 0;
  return resumed > 0 ? `${sum}\n${formatCount(resumed)} of them by an earlier attempt` : sum;
}

function partsOf(manifest: Manifest): string {
  const { partitionBy, parts } = manifest;
  const unit = partitionBy === undefined ? 'part' : 'file';
  const by = partitionBy === undefined ? '' : ` by ${partitionBy.join(', ')}`;
  return `${plural(parts.length, unit)}${by}, ${formatBytes(manifest.bytes)}`;
}

/** The version of the table that has the run's rows. */
function tableField({ manifest: { table } }: SummarizedRun): Field[] {
  if (table === undefined) return [];
  const version = table.version === undefined ? '' : `, version ${table.version}`;
  return [['table', `Delta Lake${version}`]];
}

/** What looks wrong though every row was scored. */
function checksField({ manifest }: SummarizedRun, { colors }: Style): Field[] {
  const lines = (manifest.checks ?? []).map(({ check, column, rows }) => {
    const what = check === 'all-null' ? 'null' : 'no number (null or NaN)';
    return colors.yellow(`column "${column}" is ${what} in every row, of ${formatCount(rows)}`);
  });
  return lines.length === 0 ? [] : [['warning', lines.join('\n')]];
}

/** What the checks of the job came to: how many passed, and those that did not. */
function qualityField({ manifest: { quality } }: SummarizedRun, { colors }: Style): Field[] {
  if (quality === undefined) return [];
  const { outcomes, accepted } = quality;
  const missed = outcomes.filter(({ passed }) => !passed);
  const lines = [
    `${outcomes.length - missed.length} of ${outcomes.length} passed`,
    ...missed.map(({ name, message }) => colors.yellow(`${name}: ${message}`)),
    ...(accepted === undefined ? [] : [`accepted by ${accepted.by}: ${accepted.reason}`]),
  ];
  return [['checks', lines.join('\n')]];
}

function rejectedField({ manifest, output }: SummarizedRun, style: Style): Field[] {
  const first = manifest.rejected[0];
  if (manifest.rows.rejected === 0 || first === undefined) return [];
  const folder = shortPath(`${output}/${path.posix.dirname(first.key)}`, style.cwd);
  const reasons = frequentReasons(manifest.rejectedReasons)
    .slice(0, MAX_REASONS)
    .map(([reason, rows]) => `${formatCount(rows)} × ${truncate(reason, style.width - 24)}`);
  const place = `${folder}  ${style.colors.dim('each row with its _reason')}`;
  return [['rejected', [place, ...reasons].join('\n')]];
}

/** Rows whose text had more tokens than the job takes. */
function truncatedField({ manifest }: SummarizedRun): Field[] {
  const { truncated = 0, scored } = manifest.rows;
  if (truncated === 0) return [];
  const share = formatShare(truncated, Math.max(1, scored));
  return [
    [
      'truncated',
      `the texts of ${plural(truncated, 'row')} (${share}) have more than maxLength tokens, and were cut`,
    ],
  ];
}

/** Worker time of a fleet, and what it cost where its price is known. */
function costField({ manifest: { usage } }: SummarizedRun): Field[] {
  if (usage === undefined) return [];
  const cost = costText(usage);
  if (cost !== undefined) return [['cost', cost]];
  return usage.pool === null ? [] : [['work', workTimeText(usage)]];
}

/** That engines were too large for their memory limit: the run was slower than it can be. */
function memoryField({ attempt }: SummarizedRun): Field[] {
  const shrunk = attempt?.shrunkCalls ?? [];
  const { after: last, unit } = shrunk.at(-1) ?? {};
  if (last === undefined) return [];
  const { rows = null, lanes } = last;
  return [['memory', memoryText({ times: shrunk.length, rows, lanes, unit: unit ?? 'row' })]];
}
