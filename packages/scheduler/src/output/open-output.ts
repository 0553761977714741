import { type ObjectStore, type Plan, ShardmillError } from '@shardmill/core';
import { loadPlan } from '@shardmill/core/plans';
import { decideOutput, type Refusal } from './decide-output.js';
import { type KnownRun, readKnownRuns } from './known-runs.js';
import { findManifest, readLocation } from './read-location.js';

export type OpenedOutput =
  | {
      readonly kind: 'fresh';
      /** The latest run that is there, finished or not. */
      readonly previous: string | undefined;
    }
  | { readonly kind: 'resume'; readonly plan: Plan };

/**
 * Decides what a run with this plan may do with its output location: begin afresh, or go on with
 * an unfinished run of the same digest. Nothing is written. `decideOutput` has the table.
 * @throws OUTPUT_EXISTS with what is there and what to do; PLAN_MISMATCH
 */
export async function openOutput(
  store: ObjectStore,
  { mode, digest, scoring }: Pick<Plan, 'mode' | 'digest' | 'scoring'>,
): Promise<OpenedOutput> {
  const location = await readLocation(store);
  const runs = await readKnownRuns(store, location.runs);
  const decision = decideOutput(
    { ...location, runs },
    mode,
    digest,
    scoring.output.table !== undefined,
  );
  switch (decision.kind) {
    case 'fresh':
      return { kind: 'fresh', previous: runs.at(-1)?.runId };
    case 'resume':
      return { kind: 'resume', plan: await loadPlan(store, decision.runId) };
    case 'refuse':
      throw await refusal(store, decision.because, { mode, digest });
    default: {
      const unknown: never = decision;
      return unknown;
    }
  }
}

async function refusal(
  store: ObjectStore,
  because: Refusal,
  plan: Pick<Plan, 'mode' | 'digest'>,
): Promise<ShardmillError> {
  const { message, remedy } = await explain(store, because, plan);
  return new ShardmillError('OUTPUT_EXISTS', message, { where: store.uri, remedy });
}

interface Explanation {
  readonly message: string;
  readonly remedy?: string;
}

async function explain(
  store: ObjectStore,
  because: Refusal,
  { mode, digest }: Pick<Plan, 'mode' | 'digest'>,
): Promise<Explanation> {
  switch (because.kind) {
    case 'finished-run':
      return {
        message: `${await describeFinished(store, because.run)} is there`,
        remedy:
          because.run.digest === digest
            ? 'It scored the same: --if-finished ok takes it for the answer. To score again, use --mode overwrite or another location.'
            : 'Choose another location, or use --mode overwrite to replace it or --mode append to add to it.',
      };
    case 'same-data':
      return {
        message: `${await describeFinished(store, because.run)} has scored the same data; appending would double it`,
        remedy:
          'Nothing needs to be done (--if-finished ok ends such a run with exit code 0); use --mode overwrite to score it again.',
      };
    case 'unfinished-run': {
      const { runId, createdAt, mode: itsMode } = because.run;
      const begun = createdAt === '' ? '' : `, begun ${createdAt} in mode ${itsMode}`;
      return {
        message: `an unfinished run ${runId} of other data, model, job or mode is there${begun}`,
        remedy:
          'Finish it with the command that began it, choose another location, or use --mode overwrite to give it up.',
      };
    }
    case 'parts-without-plan':
      return {
        message: `${because.parts} parts are there whose plan is gone`,
        remedy: 'Choose another location, or use --mode overwrite to replace them.',
      };
    case 'foreign-files': {
      const { count, some } = because.files;
      const names = `${some.join(', ')}${count > some.length ? ', …' : ''}`;
      const kind = mode === 'overwrite' ? 'Parquet file' : 'file';
      return {
        message: `${count} ${kind}${count === 1 ? '' : 's'} that Shardmill did not write: ${names}`,
        remedy:
          mode === 'overwrite'
            ? 'Remove them first: overwriting replaces only what Shardmill wrote.'
            : 'Choose an empty location, or use --mode append to add results beside them.',
      };
    }
    case 'success-file':
      return { message: 'a _SUCCESS file is there, without any results' };
    case 'table':
      return {
        message: 'a table of Delta Lake is there, and output.table is not set',
        remedy: "Set output.table to 'delta' to write to the table, or choose another location.",
      };
    case 'no-table':
      return {
        message: 'results are there that are no table, and output.table is set',
        remedy: 'Choose another location for the table.',
      };
    default: {
      const unknown: never = because;
      return unknown;
    }
  }
}

async function describeFinished(store: ObjectStore, { runId }: KnownRun): Promise<string> {
  const manifest = await findManifest(store, runId);
  if (manifest === undefined) return `a finished run ${runId}`;
  const { rows, finishedAt } = manifest;
  return `run ${runId} of ${rows.scored} scored rows, finished ${finishedAt},`;
}
