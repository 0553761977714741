import { EXIT_CODES, type LogicalTime, type Plan } from '@shardmill/core';
import {
  fillIn,
  type JobFlags,
  type LoadedJob,
  loadJob,
  type PreparedJob,
} from '@shardmill/client/jobs';
import type { OutputCheck } from '@shardmill/client/services';
import { compareScores } from '../compare/follow-comparison.js';
import { type ExpectFlags, expectationOf } from '../compare/expectation.js';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { comparisonLines, scoresDiffer } from '../ui/comparison-report.js';
import { errorDocument, renderError } from '../ui/error-report.js';
import { formatBytes, plural } from '../ui/text/format.js';
import { callsText } from '../ui/plan-report.js';
import { shortPath } from '../ui/text/shorten-paths.js';
import type { Style } from '../ui/text/style.js';
import { wrapText } from '../ui/text/text-layout.js';

export interface ValidateFlags extends JobFlags, ExpectFlags {}

/** One thing that was checked and found right. */
interface Check {
  readonly what: string;
  readonly found: string;
}

/**
 * Checks everything that can be checked before a run: definition, parameters, input, model,
 * features and output expressions. What was right before a fault is shown ahead of the error. With
 * expected scores it scores the job, too, and compares.
 * @throws ShardmillError
 */
export async function validateJob(
  reference: string,
  flags: ValidateFlags,
  terminal: Terminal,
  services: Pick<Services, 'planJob' | 'checkOutput' | 'scoreAndCompare' | 'stores' | 'warmUp'>,
): Promise<Result> {
  const checks: Check[] = [];
  const { cwd } = terminal;
  const expectation = expectationOf(flags, cwd);
  services.warmUp();
  try {
    const loaded = await loadJob(reference, cwd);
    checks.push({ what: 'definition', found: shortPath(loaded.file, cwd) });
    const { notices: scheduleNotices, time } = await checkSchedule(loaded, flags, cwd);
    const prepared = fillIn(loaded, flags, cwd, new Date(), time);
    checks.push({ what: 'parameters', found: parametersText(prepared) });
    const { plan } = await services.planJob(prepared);
    checks.push(...planChecks(plan, cwd));
    const notices = [...scheduleNotices, ...plan.notices];
    const { name } = loaded.job;
    const output = await services.checkOutput(plan);
    const compared =
      expectation && (await compareScores(prepared, plan, expectation, terminal, services));
    const differ = compared && scoresDiffer(compared);
    return {
      exitCode: differ?.exitCode ?? EXIT_CODES.done,
      json: () => ({
        valid: true,
        job: name,
        file: loaded.file,
        checks,
        notices,
        outputLocation: output,
        ...(compared && { comparison: compared.comparison }),
        ...(differ && errorDocument(differ)),
      }),
      text: (style) =>
        [
          ...checkLines(checks, style),
          ...notices.map((notice) => noticeLine(notice, style)),
          ...(compared === undefined ? [] : comparisonLines(compared, style)),
          '',
          ...(differ === undefined ? verdict(name, output, style) : [renderError(differ, style)]),
        ].join('\n'),
    };
  } catch (error) {
    for (const line of checkLines(checks, terminal.errStyle)) terminal.err(`${line}\n`);
    throw error;
  }
}

/** What to know of the schedule of a job that has one, and the tick that it is checked with. */
async function checkSchedule(
  loaded: LoadedJob,
  flags: JobFlags,
  cwd: string,
): Promise<{ readonly notices: readonly string[]; readonly time?: LogicalTime | undefined }> {
  if (loaded.job.schedule === undefined) return { notices: [] };
  const { scheduleNotices, tickToCheck } = await import('@shardmill/client/schedules');
  return {
    notices: scheduleNotices(loaded, flags, cwd),
    time: tickToCheck(loaded.job.schedule, flags.param?.['ds'], new Date()),
  };
}

/** A definition that is right may still be refused for what lies in its output location. */
function verdict(job: string, output: OutputCheck, { colors, width }: Style): string[] {
  const wrapped = (text: string): string => wrapText(text, width, 0);
  switch (output.state) {
    case 'free':
      return [`${job} can run.`];
    case 'unfinished':
      return [wrapped(`${job} can run: it goes on with run ${output.run}, which is unfinished.`)];
    case 'refused':
      return [
        wrapped(`${job} is right, but ${colors.yellow('a run is refused now:')} ${output.message}`),
        wrapped(output.remedy),
      ];
    default: {
      const unknown: never = output;
      return unknown;
    }
  }
}

function planChecks({ inputUris, scoring, totals }: Plan, cwd: string): Check[] {
  const where = inputUris.map((uri) => shortPath(uri, cwd)).join(', ');
  const pruned = totals.prunedRows > 0 ? `, ${plural(totals.prunedRows, 'row')} ruled out` : '';
  const columns = scoring.output.columns.map(({ name, type }) => `${name} ${type}`);
  return [
    {
      what: 'input',
      found: `${where}: ${plural(totals.files, 'file')}, ${plural(totals.rows + totals.prunedRows, 'row')}${pruned}, ${plural(scoring.input.columns.length, 'column')}`,
    },
    ...(scoring.input.where === null ? [] : [{ what: 'where', found: scoring.input.where }]),
    {
      what: 'model',
      found: `${shortPath(scoring.model.uri, cwd)}: ${formatBytes(scoring.model.bytes)}, sha256 ${scoring.model.sha256.slice(0, 12)}…${callsText(scoring.model.rowsPerCall)}`,
    },
    { what: 'features', found: `${plural(scoring.features.length, 'model input')}, all filled` },
    ...(scoring.transform === null
      ? []
      : [{ what: 'transform', found: shortPath(scoring.transform.module, cwd) }]),
    { what: 'output', found: columns.join(', ') },
  ];
}

function parametersText({ params }: PreparedJob): string {
  return Object.entries(params)
    .filter(([name]) => name !== 'ds_nodash')
    .map(([name, value]) => `${name}=${value}`)
    .join('  ');
}

/** A sign, what was checked, and what was found, wrapped below where it begins. */
function checkLines(checks: readonly Check[], { colors, width }: Style): string[] {
  const label = Math.max(0, ...checks.map(({ what }) => what.length));
  const indent = label + 4;
  return checks.map(({ what, found }) => {
    const text = wrapText(found, Math.max(width, indent + MIN_TEXT_WIDTH), indent);
    return `${colors.green('✓')} ${what.padEnd(label)}  ${eachLine(text, colors.dim)}`;
  });
}

const MIN_TEXT_WIDTH = 24;

/** Colours the lines and not the spaces before them. */
function eachLine(text: string, color: (line: string) => string): string {
  return text.replaceAll(/\S.*$/gm, color);
}

/** Behind `note`, wrapped below where it begins. */
function noticeLine(notice: string, { colors, width }: Style): string {
  return `${colors.yellow('note')}  ${wrapText(notice, width, 6)}`;
}
