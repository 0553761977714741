import { frequentReasons, type Manifest, type Plan, summarizeStatistics } from '@shardmill/core';
import { computedColumns, type RegisteredRun } from '@shardmill/scheduler';
import { DOCUMENT_VERSION } from '../documents/document-version.js';
import { columnsOf } from './report-columns.js';
import type { RejectedReason, RunReport } from '../documents/report-schema.js';
import type { RejectedExamples, RunFacts } from './run-facts.js';
import { eventsOf, retriedShards } from './run-story.js';
import { slowestParts, slowestShards } from './slowest.js';
import { throughputOf } from './throughput.js';
import { workerPeriods } from './worker-periods.js';

const MAX_EXAMPLES = 3;

/** What a report shows of a run; a function of what was read, and of nothing else. */
export function buildReport(facts: RunFacts): RunReport {
  const { output, plan, manifest, records, failures, run, examples } = facts;
  const { timedParts, timedShards } = records;
  return {
    schemaVersion: DOCUMENT_VERSION,
    ...identityOf(plan, manifest),
    state: run?.phase ?? (manifest === null ? 'unfinished' : 'finished'),
    submission: run === null ? null : submissionOf(run),
    output,
    inputs: plan?.inputUris ?? [],
    mode: plan?.mode ?? null,
    finishedAt: manifest?.finishedAt ?? null,
    error: run?.error ?? null,
    challengers: manifest?.challengers ?? [],
    versions: manifest?.versions ?? {},
    notices: plan?.notices ?? [],
    planned: plan === null ? null : plannedOf(plan),
    done: {
      shards: records.shards,
      parts: manifest?.parts.length ?? records.parts,
      bytes: manifest?.bytes ?? records.bytes,
    },
    rows: manifest?.rows ?? records.rows,
    rejectedBudget: manifest?.rejectedBudget ?? run?.maxRejectedRows ?? null,
    wallSeconds: manifest?.seconds['wall'] ?? null,
    usage: manifest?.usage ?? null,
    steps: records.shards > 0 ? { ...records.steps } : stepsOf(manifest),
    throughput: throughputOf(timedParts, records.untimed.rows),
    workers: workerPeriods(timedShards),
    slowestShards: slowestShards(timedShards),
    slowestParts: slowestParts(timedParts),
    retried: retriedShards(records.retried, failures),
    // Parts of records that know nothing of times were not found there, as far as they say.
    resumed: timedShards.length > 0 ? { ...records.untimed } : { parts: 0, rows: 0 },
    events: run === null ? [] : eventsOf(run),
    rejected: rejectedOf(facts, examples),
    columns: columnsOf({
      schema: manifest?.schema ?? plan?.scoring.output.columns ?? [],
      computed: plan === null ? undefined : computedColumns(plan.scoring),
      statistics: manifest?.statistics ?? mergedStatistics(facts),
    }),
    profile: facts.profile,
    drift: facts.drift,
    ...(facts.evaluations.length > 0 && { evaluations: [...facts.evaluations] }),
    checks: manifest?.checks ?? [],
    ...(facts.quality !== undefined && { quality: facts.quality }),
  };
}

/** From the manifest where there is no plan; one of them is there. */
function identityOf(
  plan: Plan | null,
  manifest: Manifest | null,
): Pick<RunReport, 'runId' | 'job' | 'planDigest' | 'plannedAt' | 'model'> {
  const either = manifest ?? plan;
  const model = plan?.scoring.model ?? manifest?.model;
  const { name, version, alias } = plan?.release ?? manifest?.model ?? {};
  return {
    runId: either?.runId ?? '',
    job: either?.job ?? { name: '', params: {} },
    planDigest: plan?.digest ?? manifest?.planDigest ?? '',
    plannedAt: either?.createdAt ?? '',
    model: {
      uri: model?.uri ?? '',
      sha256: model?.sha256 ?? '',
      bytes: plan?.scoring.model.bytes ?? null,
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
      ...(alias !== undefined && { alias }),
    },
  };
}

function submissionOf({ request }: RegisteredRun): RunReport['submission'] {
  const { run, submittedAt, submittedBy, key, tick } = request;
  return { run, submittedAt, submittedBy, key, schedule: tick?.schedule ?? null };
}

function plannedOf({ totals }: Plan): RunReport['planned'] {
  const { files, rows, prunedRows, shards, parts } = totals;
  return { files, rows, prunedRows, shards, parts };
}

/** A manifest adds the time of the whole attempt and that of the workers to the steps. */
function stepsOf(manifest: Manifest | null): Record<string, number> {
  const { wall: _wall, worker: _worker, ...steps } = manifest?.seconds ?? {};
  return steps;
}

function mergedStatistics({ records }: RunFacts): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(records.statistics).map(([name, statistics]) => [
      name,
      { ...summarizeStatistics(statistics) },
    ]),
  );
}

function rejectedOf(
  { manifest, records, output }: RunFacts,
  { columns, rows, missing }: RejectedExamples,
): RunReport['rejected'] {
  const counted = frequentReasons(manifest?.rejectedReasons ?? records.rejectedReasons);
  const reasons = counted.map(([reason, count]): RejectedReason => {
    const own = rows.filter((row) => row.reason === reason).slice(0, MAX_EXAMPLES);
    return { reason, rows: count, examples: own.map(({ values }) => [...values]) };
  });
  const files = manifest?.rejected ?? records.rejectedFiles;
  return {
    rows: (manifest?.rows ?? records.rows).rejected,
    files: files.map(({ key }) => `${output}/${key}`),
    columns: [...columns],
    reasons,
    examplesMissing: missing,
  };
}
