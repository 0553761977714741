import { type ErrorRecord, mapConcurrent } from '@shardmill/core';
import type { InputWait, RunState, RunView } from '@shardmill/queue';
import { inputWaitOf } from '@shardmill/scheduler';
import type { Fleet } from './fleet.js';

/** A run as the list shows it. */
export interface ListedRun {
  readonly run: string;
  readonly job: string;
  readonly state: RunState;
  /** Null where they are not known any more, or not yet. */
  readonly rowsDone: number | null;
  readonly rowsPlanned: number | null;
  readonly submittedAt: string;
  readonly endedAt: string | null;
  /** Why it failed; null where it did not. */
  readonly error: ErrorRecord | null;
  /** What a run in the state `waiting` waits for. */
  readonly inputWait: InputWait | null;
}

/** Runs that are listed unless all are asked for; those under way come on top of these. */
const LATEST = 20;
const AT_ONCE = 16;

/** Runs, the latest first, and whether there are more; works without Redis. @throws STORE_… */
export async function listRuns(
  fleet: Fleet,
  all: boolean,
): Promise<{ readonly runs: ListedRun[]; readonly more: boolean }> {
  const ids: string[] = [];
  let more = false;
  for await (const run of fleet.registry.list()) {
    if (!all && ids.length >= LATEST) {
      more = true;
      break;
    }
    ids.push(run);
  }
  if (more) {
    for await (const run of fleet.registry.active()) if (!ids.includes(run)) ids.push(run);
    ids.sort((a, b) => (a < b ? 1 : -1));
  }
  const listed = await mapConcurrent(ids, AT_ONCE, (run) => listRun(fleet, run));
  return { runs: listed.flatMap((run) => (run === undefined ? [] : [run])), more };
}

/** A run for the list: from its log, and what the schedulers tell of one that is under way. */
async function listRun(fleet: Fleet, id: string): Promise<ListedRun | undefined> {
  const run = await fleet.registry.find(id);
  if (run === undefined) return undefined;
  const view = run.endedAt === null ? await viewOf(fleet, id) : undefined;
  const finished = run.events.findLast((event) => event.kind === 'finished');
  const current = view !== undefined && view.endedAt === null ? view : undefined;
  return {
    run: id,
    job: run.request.job.name,
    state: current?.state ?? run.phase,
    rowsDone: finished?.rows.read ?? current?.rowsDone ?? null,
    rowsPlanned: finished?.rows.read ?? current?.rowsPlanned ?? null,
    submittedAt: run.request.submittedAt,
    endedAt: run.endedAt,
    error: run.error,
    inputWait: current?.inputWait ?? inputWaitOf({ ...run, job: run.request.job }),
  };
}

async function viewOf(fleet: Fleet, run: string): Promise<RunView | undefined> {
  try {
    return await fleet.view(run);
  } catch {
    return undefined;
  }
}
