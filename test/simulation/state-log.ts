import type { RunEvent } from '@shardmill/scheduler';
import type { ObjectSpace } from './sim-store.js';
import { STATE } from './sim-scheduler.js';

/** A run as the objects of its log describe it, read without the code that is under test. */
export interface LoggedRun {
  readonly run: string;
  readonly output: string;
  readonly events: readonly RunEvent[];
  readonly round: number;
  readonly planRun: string | undefined;
  /** The last event, where it is an end. */
  readonly end: Extract<RunEvent, { kind: 'finished' | 'failed' | 'cancelled' }> | undefined;
}

/** All runs whose request is there. */
export function loggedRuns(space: ObjectSpace): LoggedRun[] {
  const objects = space.objects(STATE);
  const runs: LoggedRun[] = [];
  for (const key of space.keys(STATE, 'runs/')) {
    const run = /^runs\/(.+)\/000000\.json$/.exec(key)?.[1];
    if (run === undefined) continue;
    const request: { job: { output: { uri: string } } } = decode(objects.get(key));
    const events: RunEvent[] = [];
    for (let number = 1; ; number++) {
      const bytes = objects.get(`runs/${run}/${String(number).padStart(6, '0')}.json`);
      if (bytes === undefined) break;
      events.push(decode(bytes));
    }
    const planned = events.findLast((event) => event.kind === 'planned');
    const last = events.at(-1);
    const ended =
      last?.kind === 'finished' || last?.kind === 'failed' || last?.kind === 'cancelled';
    runs.push({
      run,
      output: request.job.output.uri,
      events,
      round: events.filter(({ kind }) => kind === 'reopened').length,
      planRun: planned?.planRun,
      end: ended ? last : undefined,
    });
  }
  return runs;
}

/**
 * Runs in the order in which they had an output location to themselves; the last one has it now. A
 * round that has it twice was late the second time, after it had ended.
 */
export function turnsOf(space: ObjectSpace, output: string): string[] {
  const rounds = new Map<string, string>();
  for (const key of space.keys(STATE, 'outputs/')) {
    const turn = decode<{ output: string; run: string; round: number }>(
      space.objects(STATE).get(key),
    );
    const name = `${turn.run}.${turn.round}`;
    if (turn.output === output && !rounds.has(name)) rounds.set(name, turn.run);
  }
  return [...rounds.values()];
}

/** JSON of which the simulation knows what wrote it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function decode<T>(bytes: Uint8Array | undefined): T {
  if (bytes === undefined) throw new Error('there is no such object');
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}
