import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type Plan, toShardmillError } from '@shardmill/core';
import {
  lineageEvent,
  type LineageFacts,
  type LineageOptions,
  lineageRunId,
  parentRunOf,
  parentVariables,
} from '@shardmill/scheduler/lineage';
import { version } from '../version.js';
import { EventSender } from './event-sender.js';
import type { LocalRunOptions, RunEvents, RunResult } from './run-types.js';

export interface LocalLineage extends LineageOptions {
  /** Where the orchestrator says which of its runs this one is part of. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A local run of which OpenLineage's events are sent: when it begins, when it is planned and when it
 * ends. What becomes of them changes nothing about the run. Trials have no events.
 * @throws as `run`
 */
export async function withLineage(
  options: LocalRunOptions,
  lineage: LocalLineage,
  events: RunEvents,
  run: (events: RunEvents) => Promise<RunResult>,
): Promise<RunResult> {
  if (options.selection !== undefined) return run(events);
  const sender = new EventSender({
    target: lineage.target,
    warn: (message) => events.notice(message),
  });
  const about = factsOf(options, lineage, events);
  let plan: Plan | undefined;
  const note = (change: Pick<LineageFacts, 'eventType'> & Partial<LineageFacts>): void => {
    const at = new Date().toISOString();
    const known = { ...about, at, plan, run: plan?.runId ?? null };
    try {
      sender.add(lineageEvent({ ...known, ...change }));
    } catch (thrown) {
      // A location that cannot be named is refused by the run itself.
      sender.warn(toShardmillError(thrown));
    }
  };
  note({ eventType: 'START' });
  const planned: RunEvents['planned'] = (made, resumed) => {
    plan = made;
    note({ eventType: 'RUNNING' });
    events.planned(made, resumed);
  };
  try {
    const result = await run({ ...events, planned });
    const { manifest, runId } = result;
    note({ eventType: 'COMPLETE', manifest, run: runId });
    return result;
  } catch (thrown) {
    const error = toShardmillError(thrown);
    // Neither that it was stopped nor that it was skipped is a failure of the job.
    const aborted = error.code === 'INTERRUPTED' || error.code === 'RUN_SKIPPED';
    note({ eventType: aborted ? 'ABORT' : 'FAIL', error: error.toRecord() });
    throw thrown;
  } finally {
    await sender.close();
  }
}

/** What is the same in all events of a run. */
function factsOf(
  { job, jobFile, params }: LocalRunOptions,
  { namespace, env }: LocalLineage,
  events: Pick<RunEvents, 'notice'>,
): Omit<LineageFacts, 'eventType' | 'at' | 'run'> {
  const variables = parentVariables(env);
  const parent = parentRunOf(variables);
  if (variables !== undefined && parent === undefined) {
    events.notice(
      `OPENLINEAGE_PARENT_ID is not NAMESPACE/JOB/RUN with the UUID of a run: events have no parent`,
    );
  }
  return {
    namespace,
    version: version(),
    lineageRun: lineageRunId(Date.now(), randomUUID()),
    job,
    base: path.dirname(jobFile),
    params,
    parent,
  };
}
