import type { PlanningLimits } from '@shardmill/worker';

/** Limits of planning that are not reached on a busy machine, either. */
export const AMPLE_LIMITS: PlanningLimits = { timeoutMs: 120_000, memoryLimitBytes: 8 * 2 ** 30 };
