import { parseDurationMs } from '@shardmill/core';
import type { RoundFacts } from '@shardmill/queue';
import type { RegisteredRun } from '../../state/fold-run.js';
import { outputOf } from '../../state/output-of.js';
import type { RunRegistry } from '../../state/run-registry.js';
import { attemptRound } from './attempt-round.js';

/**
 * What the log says of the shards of a run's latest round: a scheduler puts it into their messages,
 * and a worker holds the messages against it.
 * @returns undefined where the run has no plan, or one whose digest is not known.
 */
export function roundFacts(run: RegisteredRun): RoundFacts | undefined {
  const { request, planRun, planDigest } = run;
  if (planRun === null || planDigest === null) return undefined;
  const { resources, errors } = request.job;
  return {
    run: request.run,
    planRun,
    output: outputOf(request),
    planDigest,
    round: attemptRound(run),
    attempts: errors.attempts,
    partTimeoutMs: parseDurationMs(errors.partTimeout),
    diskFullWaitMs: parseDurationMs(errors.diskFullWait),
    resources: {
      batchRows: resources.batchRows,
      batchTokens: resources.batchTokens,
      lanes: resources.lanes,
      threadsPerLane: resources.threadsPerLane,
      memoryLimit: resources.memoryLimit,
      executionProviders: resources.executionProviders,
      treeKernel: resources.treeKernel,
    },
  };
}

/** The log of runs as workers read it. */
export function runLogOf(registry: Pick<RunRegistry, 'find'>): {
  facts(run: string): Promise<RoundFacts | undefined>;
} {
  return {
    facts: async (run) => {
      const found = await registry.find(run);
      return found === undefined ? undefined : roundFacts(found);
    },
  };
}
