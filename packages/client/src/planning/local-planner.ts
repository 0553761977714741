import type { Stores } from '@shardmill/core';
import {
  hasWildcards,
  type ListInputOptions,
  listInput,
  type MadePlan,
  type MakePlanRequest,
  makePlan,
} from '@shardmill/scheduler';
import { type EngineProcess, limitPlanning, type PlanningLimits } from '@shardmill/worker';
import { PlannerProcess } from './planner-process.js';
import type { ListedInput } from './planner-protocol.js';

/** What planning on this machine is held to. */
export interface LocalPlanning {
  readonly limits: PlanningLimits;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Plans for a command of this machine: in this process, where folders and files are named, and in
 * one of its own where a pattern is to be matched. That can take for ever, and in this process
 * nothing else would be done meanwhile: no deadline would hold, and Ctrl-C would not be heard.
 * @throws PLAN_TIMEOUT, PLAN_OUT_OF_MEMORY, INTERRUPTED, and what `makePlan` throws
 */
export async function planHere(
  request: Omit<MakePlanRequest, 'binder' | 'signal'> & { readonly engine: EngineProcess },
  { limits, signal }: LocalPlanning,
): Promise<MadePlan> {
  const { engine, stores, ...order } = request;
  if (!hasPattern(request.job.input.uri)) {
    return limitPlanning(limits, [engine], signal, (stop) =>
      makePlan({ ...order, stores, binder: engine, signal: stop }),
    );
  }
  return withPlanner(stores, (planner) =>
    limitPlanning(limits, [engine, planner], signal, () =>
      planner.plan(stores.options, order, engine),
    ),
  );
}

/** Lists an input, where `planHere` would. @throws as that, and what `listInput` throws */
export async function listHere(
  request: Omit<ListInputOptions, 'signal'>,
  { limits, signal }: LocalPlanning,
): Promise<ListedInput> {
  // Where a pattern is to be matched, there is no table to read: a function cannot cross over.
  const { stores, readCheckpoint: _, ...order } = request;
  if (!hasPattern(request.uri)) {
    return limitPlanning(limits, [], signal, (stop) => listInput({ ...request, signal: stop }));
  }
  return withPlanner(stores, (planner) =>
    limitPlanning(limits, [planner], signal, () => planner.list(stores.options, order)),
  );
}

async function withPlanner<T>(
  stores: Stores,
  use: (planner: PlannerProcess) => Promise<T>,
): Promise<T> {
  const planner = new PlannerProcess();
  planner.onWaiting = (message) => stores.reportWaiting(message);
  try {
    return await use(planner);
  } finally {
    await planner.close();
  }
}

function hasPattern(uri: string | readonly string[]): boolean {
  return (typeof uri === 'string' ? [uri] : uri).some(hasWildcards);
}
