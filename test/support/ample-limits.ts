import type { PlanningLimits } from '@shardmill/worker';

/** Of planning that no busy machine passes. */
export const AMPLE_LIMITS: PlanningLimits = { timeoutMs: 120_000, memoryLimitBytes: 8 * 2 ** 30 };
