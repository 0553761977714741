import { BackfillRegistry } from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';

export const backfillsOf = ({ registry }: Fleet): BackfillRegistry =>
  new BackfillRegistry(registry.store);
