import type { ReportColumn, RunReport } from '@shardmill/client/report';
import { formatBytes, formatCount, formatDuration, formatRate } from '../../ui/text/format.js';
import { scoringMs } from '../scoring-time.js';

/** A fact of two runs, as text; empty where it is not stored. */
interface ComparedFact {
  readonly name: string;
  readonly values: readonly [first: string, second: string];
  readonly same: boolean;
}

/** A column of both results, by its name; of one alone the other is undefined. */
export interface ComparedColumn {
  readonly name: string;
  readonly columns: readonly [ReportColumn | undefined, ReportColumn | undefined];
}

export interface ComparedStep {
  readonly name: string;
  /** Null where a run has no such step. */
  readonly seconds: readonly [first: number | null, second: number | null];
}

export interface RunComparison {
  readonly facts: readonly ComparedFact[];
  readonly columns: readonly ComparedColumn[];
  readonly steps: readonly ComparedStep[];
}

/** What two runs have in common, and what they do not. */
export function compareRuns(first: RunReport, second: RunReport): RunComparison {
  const [a, b] = [factsOf(first), factsOf(second)];
  return {
    facts: namesOf(a, b).map((name): ComparedFact => {
      const values = [a.get(name) ?? '', b.get(name) ?? ''] as const;
      return { name, values, same: values[0] === values[1] };
    }),
    columns: comparedColumns(first, second),
    steps: comparedSteps(first.steps, second.steps),
  };
}

function versionFact({ name, version }: RunReport['model']): [string, string][] {
  return name === undefined || version === undefined
    ? []
    : [['Model version', `${name}@${version}`]];
}

function factsOf(report: RunReport): ReadonlyMap<string, string> {
  const { job, model, rows, done, throughput, versions } = report;
  const ms = scoringMs(report);
  const parameters = Object.entries(job.params).map(([name, value]) => `${name} = ${value}`);
  return new Map([
    ['Run', report.runId],
    ['State', report.state],
    ['Job', job.name],
    ['Parameters', parameters.join(', ')],
    ...versionFact(model),
    ['Model', model.uri],
    ['Model SHA-256', model.sha256],
    ['Plan digest', report.planDigest],
    ['Input', report.inputs.join(', ')],
    ['Output', report.output],
    ['Finished', report.finishedAt ?? ''],
    ['Rows read', formatCount(rows.read)],
    ['Scored', formatCount(rows.scored)],
    ['Rejected', formatCount(rows.rejected)],
    ['Filtered', formatCount(rows.filtered)],
    ['Parts', formatCount(done.parts)],
    ['Size', formatBytes(done.bytes)],
    ['Scoring took', ms === undefined ? '' : formatDuration(ms)],
    [
      'Rows per second',
      ms === undefined || throughput === null
        ? ''
        : formatRate(throughput.rows / (Math.max(ms, 1) / 1000)),
    ],
    ['Shards with failed attempts', formatCount(report.retried.shards)],
    ...Object.entries(versions),
  ]);
}

/** The columns of numbers that the model computed; those of both runs first. */
function comparedColumns(first: RunReport, second: RunReport): ComparedColumn[] {
  const byName = (report: RunReport): ReadonlyMap<string, ReportColumn> =>
    new Map(
      report.columns
        .filter(({ computed, deciles }) => computed && deciles.length > 0)
        .map((column) => [column.name, column]),
    );
  const [a, b] = [byName(first), byName(second)];
  const rank = ({ columns: [left, right] }: ComparedColumn): number =>
    left === undefined || right === undefined ? 1 : 0;
  return namesOf(a, b)
    .map((name): ComparedColumn => ({ name, columns: [a.get(name), b.get(name)] }))
    .toSorted((x, y) => rank(x) - rank(y));
}

function comparedSteps(
  first: Readonly<Record<string, number>>,
  second: Readonly<Record<string, number>>,
): ComparedStep[] {
  const [a, b] = [new Map(Object.entries(first)), new Map(Object.entries(second))];
  return namesOf(a, b)
    .map((name): ComparedStep => ({ name, seconds: [a.get(name) ?? null, b.get(name) ?? null] }))
    .toSorted((x, y) => longest(y) - longest(x));
}

/** The greater of both times of a step, in seconds. */
export function longest({ seconds: [a, b] }: ComparedStep): number {
  return Math.max(a ?? 0, b ?? 0);
}

/** Names of either, in the order of the first, then of the second. */
function namesOf(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])];
}
