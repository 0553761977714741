import fc from 'fast-check';

export const faultKinds = [
  'kill-scheduler',
  'kill-worker',
  'kill-client',
  'interrupt-worker',
  'freeze-scheduler',
  'freeze-worker',
  'flush-redis',
  'redis-away',
  'store-fails',
  'overwrite-input',
  'poison',
  'crash-engine',
  'cancel',
  'resume',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** The step before which it happens. */
  readonly at: number;
  readonly kind: FaultKind;
  /** Decides which one, how long, and in what way: from 0 up to, but not including, 1. */
  readonly pick: number;
}

export interface Scenario {
  /** Decides the order of everything that is open. */
  readonly seed: number;
  readonly shards: number;
  readonly partsPerShard: number;
  readonly workers: number;
  readonly mode: 'create' | 'overwrite' | 'append';
  readonly rejects: boolean;
  readonly failFast: boolean;
  /** Another run: of the same or other data at the same location, or elsewhere. */
  readonly second: 'none' | 'same-data' | 'other-data' | 'elsewhere';
  readonly secondAt: number;
  /** Shares of events that get lost or come twice. */
  readonly lost: number;
  readonly doubled: number;
  readonly faults: readonly Fault[];
}

/** Faults happen within so many steps; a run of this size takes about as many without any. */
const FAULT_STEPS = 600;
const MAX_FAULTS = 10;

const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.integer({ min: 0, max: FAULT_STEPS }),
  kind: fc.constantFrom(...faultKinds),
  pick: fc.integer({ min: 0, max: 999 }).map((thousandths) => thousandths / 1000),
});

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  shards: fc.integer({ min: 1, max: 6 }),
  partsPerShard: fc.integer({ min: 1, max: 2 }),
  workers: fc.integer({ min: 1, max: 3 }),
  mode: fc.constantFrom('create', 'overwrite', 'append'),
  rejects: fc.boolean(),
  failFast: fc.boolean(),
  second: fc.constantFrom('none', 'none', 'same-data', 'other-data', 'elsewhere'),
  secondAt: fc.integer({ min: 0, max: FAULT_STEPS }),
  lost: fc.constantFrom(0, 0.1, 1),
  doubled: fc.constantFrom(0, 0.3),
  faults: fc.array(fault, { maxLength: MAX_FAULTS }),
});
