import type { ErrorRecord, JobBinder, StorageOptions } from '@shardmill/core';
import type { InputFacts, JobRules, MadePlan, RunRequest } from '@shardmill/scheduler';

/** The first and only order that a planner process gets. */
export type PlannerOrder = PlanOrder | LookOrder;

/** A look at the input of a run that waits for it; no engine is asked. */
export interface LookOrder {
  readonly kind: 'look';
  readonly storage: StorageOptions;
  readonly request: RunRequest;
  readonly rules: JobRules;
}

export interface PlanOrder {
  readonly kind: 'plan';
  readonly storage: StorageOptions;
  readonly request: RunRequest;
  readonly rules: JobRules;
  /** The time of planning, as an ISO date. */
  readonly now: string;
}

export type PlannerMessage =
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly method: 'describeInput';
      readonly argument: Parameters<JobBinder['describeInput']>[0];
    }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly method: 'bindJob';
      readonly argument: Parameters<JobBinder['bindJob']>[0];
    }
  | { readonly kind: 'planned'; readonly made: MadePlan }
  | { readonly kind: 'looked'; readonly facts: InputFacts }
  | { readonly kind: 'failed'; readonly error: ErrorRecord };

export type BinderAnswer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: ErrorRecord };
