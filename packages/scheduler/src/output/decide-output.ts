import type { Plan } from '@shardmill/core';
import { isFinished, type KnownRun } from './known-runs.js';
import type { Names } from './read-location.js';

export interface OutputState {
  /** The runs that are known there, ordered by time. */
  readonly runs: readonly KnownRun[];
  readonly partsByRun: ReadonlyMap<string, number>;
  readonly foreign: Names;
  readonly foreignParquet: Names;
  readonly success: string | null | undefined;
  /** Whether it is the folder of a table. */
  readonly table: boolean;
}

export type OutputDecision =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'resume'; readonly runId: string }
  | { readonly kind: 'refuse'; readonly because: Refusal };

export type Refusal =
  | { readonly kind: 'finished-run' | 'unfinished-run' | 'same-data'; readonly run: KnownRun }
  | { readonly kind: 'parts-without-plan'; readonly parts: number }
  | { readonly kind: 'foreign-files'; readonly files: Names }
  | { readonly kind: 'success-file' }
  /** A table where none is to be written, or plain results where one is. */
  | { readonly kind: 'table' | 'no-table' };

/**
 * What to do with an output location before a run.
 *
 * | what is there                             | create | overwrite | append | replace-partitions |
 * |-------------------------------------------|--------|-----------|--------|--------------------|
 * | nothing                                   | fresh  | fresh     | fresh  | fresh              |
 * | unfinished run, same digest               | resume | resume (a) | resume (b) | resume (a)    |
 * | unfinished run, other digest              | refuse | fresh     | refuse | fresh              |
 * | finished run, same digest                 | refuse | fresh     | refuse | fresh              |
 * | finished run, other digest                | refuse | fresh     | fresh  | fresh              |
 * | parts without a plan, `_SUCCESS` alone    | refuse | fresh     | fresh  | fresh              |
 * | Parquet that Shardmill did not write      | refuse | refuse    | fresh  | fresh              |
 * | other visible files                       | refuse | fresh     | fresh  | fresh              |
 *
 * A run whose output is a table (`isTable`) finds the other files of the table there, which are none
 * of its own; one whose output is no table leaves a table alone, and the reverse.
 *
 * (a) fresh, (b) refuse, where that run was begun in a mode that would leave another outcome
 * beside what else is there.
 */
export function decideOutput(
  state: OutputState,
  mode: Plan['mode'],
  digest: string,
  isTable = false,
): OutputDecision {
  const { runs } = state;
  if (state.table && !isTable) return { kind: 'refuse', because: { kind: 'table' } };
  if (isTable && !state.table && runs.some((run) => run.isComplete && !run.isTable)) {
    return { kind: 'refuse', because: { kind: 'no-table' } };
  }
  const unfinished = runs.filter((run) => !isFinished(run, runs, state.success));
  const finished = runs.filter((run) => isFinished(run, runs, state.success));
  const own = unfinished.findLast((run) => run.digest === digest);
  const refuse = (because: Refusal): OutputDecision => ({ kind: 'refuse', because });

  if (own !== undefined) {
    const others = runs.length > 1 || [...state.partsByRun.keys()].some((id) => id !== own.runId);
    const otherOutcome = others && own.mode !== mode;
    if (mode === 'append' && otherOutcome && isReplacing(own.mode)) {
      return refuse({ kind: 'unfinished-run', run: own });
    }
    if (!(otherOutcome && isReplacing(mode))) return { kind: 'resume', runId: own.runId };
  }
  switch (mode) {
    case 'create': {
      const [lastFinished, lastUnfinished] = [finished.at(-1), unfinished.at(-1)];
      if (lastUnfinished) return refuse({ kind: 'unfinished-run', run: lastUnfinished });
      if (lastFinished) return refuse({ kind: 'finished-run', run: lastFinished });
      const parts = [...state.partsByRun.values()].reduce((sum, count) => sum + count, 0);
      if (parts > 0) return refuse({ kind: 'parts-without-plan', parts });
      if (state.foreign.count > 0) return refuse({ kind: 'foreign-files', files: state.foreign });
      return state.success === undefined ? { kind: 'fresh' } : refuse({ kind: 'success-file' });
    }
    case 'overwrite':
      return state.foreignParquet.count > 0 && !state.table
        ? refuse({ kind: 'foreign-files', files: state.foreignParquet })
        : { kind: 'fresh' };
    case 'append': {
      const same = finished.find((run) => run.digest === digest);
      if (same !== undefined) return refuse({ kind: 'same-data', run: same });
      // Until its commit nothing of another run can be seen in a table.
      const other = isTable ? undefined : unfinished.at(-1);
      return other === undefined
        ? { kind: 'fresh' }
        : refuse({ kind: 'unfinished-run', run: other });
    }
    // Of a table, where runs that replace other partitions may be under way.
    case 'replace-partitions':
      return { kind: 'fresh' };
    default: {
      const unknown: never = mode;
      return unknown;
    }
  }
}

const isReplacing = (mode: string): boolean =>
  mode === 'overwrite' || mode === 'replace-partitions';
