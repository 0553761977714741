import type { Plan } from '@shardmill/core';
import { loadJob } from '@shardmill/client/jobs';
import type { OutputLook } from '@shardmill/client/services';
import { fillIn, type JobFlags, type PreparedJob } from '@shardmill/client/jobs';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { formatBytes, plural } from '../ui/format.js';
import { callsText } from '../ui/plan-report.js';
import { shortPath } from '../ui/shorten-paths.js';
import type { Style } from '../ui/style.js';
import { table, truncate } from '../ui/text-layout.js';

/** One thing that was checked and found right. */
interface Check {
  readonly what: string;
  readonly found: string;
}

/**
 * Checks everything that can be checked before a run: definition, parameters, input, model,
 * features and output expressions. What was right before a fault is shown ahead of the error.
 * @throws ShardmillError
 */
export async function validateJob(
  reference: string,
  flags: JobFlags,
  terminal: Terminal,
  services: Pick<Services, 'planJob' | 'lookAtOutput' | 'warmUp'>,
): Promise<Result> {
  services.warmUp();
  const checks: Check[] = [];
  const { cwd } = terminal;
  try {
    const loaded = await loadJob(reference, cwd);
    checks.push({ what: 'definition', found: shortPath(loaded.file, cwd) });
    const prepared = fillIn(loaded, flags, cwd, new Date());
    checks.push({ what: 'parameters', found: parametersText(prepared) });
    const plan = await services.planJob(prepared);
    checks.push(...planChecks(plan, cwd));
    const { name } = loaded.job;
    const output = await services.lookAtOutput(plan);
    return {
      json: () => ({
        valid: true,
        job: name,
        file: loaded.file,
        checks,
        notices: plan.notices,
        outputLocation: output,
      }),
      text: (style) =>
        [
          ...checkLines(checks, style),
          ...plan.notices.map((notice) => `${style.colors.yellow('note')}  ${notice}`),
          '',
          ...verdict(name, output, style),
        ].join('\n'),
    };
  } catch (error) {
    for (const line of checkLines(checks, terminal.errStyle)) terminal.err(`${line}\n`);
    throw error;
  }
}

/** A definition that is right may still be refused for what lies in its output location. */
function verdict(job: string, output: OutputLook, { colors }: Style): string[] {
  switch (output.state) {
    case 'free':
      return [`${job} can run.`];
    case 'unfinished':
      return [`${job} can run: it goes on with run ${output.run}, which is unfinished.`];
    case 'refused':
      return [
        `${job} is right, but ${colors.yellow('a run is refused now:')} ${output.message}`,
        output.remedy,
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

function checkLines(checks: readonly Check[], { colors, width }: Style): string[] {
  const room = Math.max(24, width - 16);
  return table(
    checks.map(({ what, found }) => [
      `${colors.green('✓')} ${what}`,
      colors.dim(truncate(found, room)),
    ]),
    [],
    0,
  );
}
