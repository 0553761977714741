import type { RunView } from '@shardmill/queue';
import type { ListedRun } from '../ui/runs-table.js';
import type { Fleet } from './fleet.js';

/** A run for the list: from its log, and what the schedulers tell of one that is under way. */
export async function listRun(fleet: Fleet, id: string): Promise<ListedRun | undefined> {
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
  };
}

async function viewOf(fleet: Fleet, run: string): Promise<RunView | undefined> {
  try {
    return await fleet.view(run);
  } catch {
    return undefined;
  }
}
