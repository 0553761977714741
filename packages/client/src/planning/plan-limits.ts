import { parseBytes, parseDurationMs } from '@shardmill/core';
import { type PlanningLimits, thisMachine } from '@shardmill/worker';
import type { Settings } from '../config/load-settings.js';

/** What the planning of one run may take, by the settings. */
export function planLimits(settings: Settings): PlanningLimits {
  return {
    timeoutMs: parseDurationMs(settings.get('plan.timeout')),
    memoryLimitBytes: parseBytes(settings.get('plan.memoryLimit'), thisMachine().memoryBytes),
  };
}
