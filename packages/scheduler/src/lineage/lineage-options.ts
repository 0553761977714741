import type { LineageTarget } from './send-event.js';

/** What the configuration says of events. */
export interface LineageOptions {
  readonly target: LineageTarget;
  /** The namespace of jobs. */
  readonly namespace: string;
}
