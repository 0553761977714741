import type { Job, ParameterValues } from '@shardmill/core';

/** What was submitted: written once when a run is submitted, and never changed. */
export interface RunRequest {
  /** The id of the run; `newRunId` makes one. */
  readonly run: string;
  readonly submittedAt: string;
  /** The user's own name for this piece of work; the same key is the same run. */
  readonly key: string | null;
  /** With parameters filled in and every location absolute, so that any machine can plan it. */
  readonly job: Job;
  /** For messages, and for a transform's module. */
  readonly jobFile: string;
  readonly params: ParameterValues;
  /** 0 to 100; the greater goes first. */
  readonly priority: number;
  /** End the run at the first shard that fails for good. */
  readonly failFast: boolean;
  /** `user@host` */
  readonly submittedBy: string;
  /** The run of an orchestrator that it is part of, as its variables name it. */
  readonly parent?: ParentVariables | undefined;
  /** The tick that it is for, of a run that a schedule started. */
  readonly tick?: RunTick | undefined;
}

/** A run of an orchestrator as its variables name it, not parsed. */
export interface ParentVariables {
  readonly parent: string;
  /** The outermost run. */
  readonly root?: string | undefined;
}

export interface RunTick {
  /** The name of the schedule. */
  readonly schedule: string;
  /** The id of the tick in its log. */
  readonly id: string;
  /** Its logical time, an instant. */
  readonly at: string;
}
