import type {
  ErrorRecord,
  Job,
  JobBinder,
  ParameterValues,
  Profile,
  StorageOptions,
} from '@shardmill/core';
import type {
  InputFacts,
  InputListing,
  ListInputOptions,
  MadePlan,
  InputCheckRequest,
  JobRules,
  MakePlanRequest,
} from '@shardmill/scheduler';
import type { PlanningLimits } from '@shardmill/worker';

/** What a planner process does; the first and only message that it gets but for answers. */
export type PlannerOrder =
  | {
      readonly kind: 'plan';
      readonly storage: StorageOptions;
      readonly request: Omit<MakePlanRequest, 'binder' | 'stores' | 'signal'>;
    }
  | {
      readonly kind: 'list';
      readonly storage: StorageOptions;
      readonly request: Omit<ListInputOptions, 'stores' | 'signal' | 'readCheckpoint'>;
    }
  /** A check of the input of a run that waits for it. */
  | {
      readonly kind: 'check-input';
      readonly storage: StorageOptions;
      readonly request: Omit<InputCheckRequest, 'stores' | 'signal'>;
    }
  /** The profile of a data set as a job sees it: scored by an engine that this process starts. */
  | {
      readonly kind: 'profile';
      readonly storage: StorageOptions;
      readonly request: ProfileOrder;
    };

/** A data set that is to be profiled: the input of the job. */
export interface ProfileOrder {
  readonly job: Job;
  readonly jobFile: string;
  readonly params: ParameterValues;
  readonly rules: JobRules;
  readonly cacheFolder: string | undefined;
  readonly limits: PlanningLimits;
}

/** An input as another process listed it: without what matches paths. */
export type ListedInput = Omit<InputListing, 'sources'>;

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
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly method: 'readCheckpoint';
      readonly argument: Parameters<JobBinder['readCheckpoint']>[0];
    }
  /** A store does not answer. */
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'planned'; readonly made: MadePlan }
  | { readonly kind: 'listed'; readonly listed: ListedInput }
  | { readonly kind: 'checked'; readonly facts: InputFacts }
  | { readonly kind: 'profiled'; readonly profile: Profile }
  | { readonly kind: 'failed'; readonly error: ErrorRecord };

export type BinderAnswer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: ErrorRecord };
