import os from 'node:os';
import { type ExecutionProvider, type Job, parseBytes, type Scoring } from '@shardmill/core';
import { featureRowBytes } from '../onnx/row-bytes.js';
import { fixedBatch } from '../model/fixed-batch.js';
import { runModelBytes } from '../model/model-bytes.js';

/** What was set by hand, on the command line or for the worker; it goes before the job. */
export interface ResourceOptions {
  readonly engines?: number | undefined;
  /** Per engine. */
  readonly lanes?: number | undefined;
  readonly threadsPerLane?: number | undefined;
  readonly batchRows?: number | undefined;
  /** Resident bytes of all engines together: a number, `'4GiB'`, or `'60%'` of the memory. */
  readonly memoryLimit?: string | number | undefined;
}

/** How the machine is used: engine processes, inference threads, rows per `session.run`, memory. */
export interface Resources {
  readonly engines: number;
  /** Per engine. */
  readonly lanes: number;
  /** Per engine, where a device computes: they share its memory. */
  readonly deviceLanes: number;
  readonly threadsPerLane: number;
  /** Whether one lane with all threads may do instead, where that is measured to be faster. */
  readonly tuneThreads: boolean;
  /** Execution providers of ONNX Runtime, in the order of preference. */
  readonly executionProviders: readonly ExecutionProvider[];
  /** Whether generated code may score tree ensembles. */
  readonly treeKernel: 'auto' | 'off';
  readonly duckdbThreads: number;
  readonly batchRows: number;
  /** The most tokens of one call, where that is given. */
  readonly batchTokens: number | undefined;
  /** Whether the rows of one call may be fewer, where that is measured to be faster. */
  readonly tuneCalls: boolean;
  /** Resident bytes per engine. */
  readonly memoryLimitBytes: number;
  readonly duckdbMemoryBytes: number;
}

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Cores and memory that this process may use, containers' limits included. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const total = os.totalmem();
  return {
    cores: os.availableParallelism(),
    memoryBytes: limit > 0 && limit < total ? limit : total,
  };
}

/** One engine's scan feeds about this many cores with a cheap model (docs/performance.md). */
const CORES_PER_ENGINE = 4;
/** Less halves the speed of a cheap model, more gains nothing (docs/performance.md). */
const BATCH_ROWS = 8192;
const BATCH_BYTES = 16 * 2 ** 20;
const MIB = 2 ** 20;

/** What was set by hand, else what the job says, else what suits the machine. */
export function chooseResources(
  options: ResourceOptions,
  resources: Pick<
    Job['resources'],
    | 'lanes'
    | 'threadsPerLane'
    | 'batchRows'
    | 'batchTokens'
    | 'memoryLimit'
    | 'executionProviders'
    | 'treeKernel'
  >,
  scoring: Pick<Scoring, 'model' | 'features' | 'challengers'>,
  machine: Machine,
): Resources {
  const { executionProviders = ['cpu'] } = resources;
  // Each engine process takes a share of the device's memory for itself.
  const engines = options.engines ?? (executionProviders[0] === 'cpu' ? engineCount(machine) : 1);
  const cores = Math.max(1, Math.floor(machine.cores / engines));
  const limit = parseBytes(
    options.memoryLimit ?? resources.memoryLimit ?? '80%',
    machine.memoryBytes,
  );
  const memoryLimitBytes = Math.floor(limit / engines);
  const givenThreads = options.threadsPerLane ?? resources.threadsPerLane;
  const givenLanes = options.lanes ?? resources.lanes;
  const lanes =
    givenLanes ??
    lanesThatFit(Math.max(1, Math.floor(cores / (givenThreads ?? 1))), scoring, memoryLimitBytes);
  // Cores for which there is no room for a lane compute in the others.
  const threadsPerLane =
    givenThreads ?? (givenLanes === undefined ? Math.max(1, Math.floor(cores / lanes)) : 1);
  return {
    engines,
    lanes,
    deviceLanes: givenLanes ?? 1,
    threadsPerLane,
    tuneThreads: givenLanes === undefined && givenThreads === undefined,
    executionProviders,
    treeKernel: resources.treeKernel ?? 'auto',
    duckdbThreads: cores,
    batchRows: batchRows(options.batchRows ?? resources.batchRows, scoring),
    batchTokens: resources.batchTokens,
    tuneCalls:
      (options.batchRows ?? resources.batchRows ?? resources.batchTokens) === undefined &&
      scoring.model.rowsPerCall === undefined,
    memoryLimitBytes,
    duckdbMemoryBytes: Math.max(128 * MIB, Math.min(1024 * MIB, Math.floor(memoryLimitBytes / 3))),
  };
}

/** Engine processes that suit a machine. */
export function engineCount(machine: Machine): number {
  return Math.max(1, Math.floor(machine.cores / CORES_PER_ENGINE));
}

/** Each lane holds the model: no more of them than half of the memory can take. */
function lanesThatFit(
  wanted: number,
  scoring: Pick<Scoring, 'model' | 'challengers'>,
  memoryBytes: number,
): number {
  const bytes = runModelBytes(scoring) * 1.5;
  return Math.max(1, Math.min(wanted, Math.floor(memoryBytes / 2 / Math.max(1, bytes))));
}

function batchRows(
  given: number | undefined,
  scoring: Pick<Scoring, 'model' | 'features'>,
): number {
  // A batch is one call then, and it is the plan that says how many rows.
  if (scoring.model.rowsPerCall !== undefined) return scoring.model.rowsPerCall;
  const fixed = fixedBatch(scoring.model.inputs);
  const rowBytes = Math.max(1, featureRowBytes(scoring.features));
  const wanted = given ?? Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_BYTES / rowBytes)));
  return fixed !== undefined ? Math.ceil(wanted / fixed) * fixed : wanted;
}
