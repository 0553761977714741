import type { ErrorRecord, Job, Manifest, ParameterValues, Plan } from '@shardmill/core';
import type { ParentRun } from './parent-run.js';

export type LineageEventType = 'START' | 'RUNNING' | 'COMPLETE' | 'FAIL' | 'ABORT';

/** What an event is made of. What is not known yet is left out of it. */
export interface LineageFacts {
  readonly eventType: LineageEventType;
  /** When it happened; ISO. */
  readonly at: string;
  /** The namespace of jobs. */
  readonly namespace: string;
  /** Of Shardmill. */
  readonly version: string;
  /** The id of the run in events; `lineageRunId` makes it. */
  readonly lineageRun: string;
  /** Shardmill's own id; null where none is known yet. */
  readonly run: string | null;
  readonly job: Pick<Job, 'name' | 'description' | 'input' | 'output' | 'model'>;
  /** Absolute path of a folder: relative locations of the job start at it. */
  readonly base: string;
  readonly params: ParameterValues;
  /** The schedule that started the run and the logical time of the tick; ISO. */
  readonly tick?: { readonly schedule: string; readonly at: string } | undefined;
  readonly parent?: ParentRun | undefined;
  readonly plan?: Plan | undefined;
  /** Of a run that finished. */
  readonly manifest?: Manifest | undefined;
  readonly error?: ErrorRecord | null | undefined;
}
