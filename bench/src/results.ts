import type { InferenceSetup } from './baseline-onnxruntime.js';
import type { SchedulesAnswer } from './schedules/schedules-result.js';
import type { Differences } from './check-result.js';
import type { Dataset } from './dataset.js';
import type { Environment } from './environment.js';
import type { CommitAnswer } from './partitions/commit-request.js';
import type { ModelName } from './options.js';
import type { TreePeaks } from './process-memory.js';
import type { Spread } from './spread.js';

/** What is measured against a goal. */
export interface Goal {
  readonly atLeast?: number;
  readonly below?: number;
  readonly met: boolean;
}

/** The product next to one baseline. */
export interface Comparison {
  readonly model: ModelName;
  readonly baseline:
    | 'ONNX Runtime'
    | 'DuckDB'
    | 'DuckDB, statement alone'
    | 'DuckDB, then ONNX Runtime'
    | 'parquetjs-lite'
    | 'pyarrow script';
  readonly productRowsPerSecond: Spread;
  readonly baselineRowsPerSecond: Spread;
  /** The ratio of the medians, with the lowest and highest of neighbouring measurements. */
  readonly ratio: Spread;
  /** The same by the times that leave out the start and the end of processes. */
  readonly ratioWithoutStart: Spread;
  readonly goal?: Goal;
}

/** All measurements of one model. */
export interface ModelResult {
  readonly model: ModelName;
  readonly description: string;
  readonly product: {
    readonly wallMs: readonly number[];
    readonly elapsedMs: readonly number[];
    /** Processor time by wall time. */
    readonly coresBusy: Spread;
    readonly rowsPerCpuSecond: Spread;
    readonly parts: number;
  };
  readonly onnxRuntime: {
    readonly setup: InferenceSetup;
    readonly rowsPerSecond: readonly number[];
  };
  readonly duckdb: {
    readonly wallMs: readonly number[];
    readonly queryMs: readonly number[];
    readonly coresBusy: Spread;
    readonly rowsPerCpuSecond: Spread;
  };
  /** As many processes of a script as there are threads, or why there are none. */
  readonly pyarrow:
    | { readonly wallMs: readonly number[]; readonly rowsPerCpuSecond: Spread }
    | { readonly leftOut: string };
  readonly parquetjsLite?: { readonly rows: number; readonly rowsPerSecond: readonly number[] };
  /**
   * Cores that other programs and the host took on average while all of this was measured: where
   * it is not near 0, no figure here can be relied on.
   */
  readonly coresOfOthers: number;
  /** The largest of all repeats. */
  readonly differences: Differences;
  readonly comparisons: readonly Comparison[];
}

/** Peak memory of one run. */
export interface MemoryResult {
  readonly model: ModelName;
  readonly rows: number;
  readonly peaks: TreePeaks;
  /** The goal for the proportional set size of all processes. */
  readonly goal?: Goal;
}

/** Peak memory for four times the rows by that for the rows. */
export interface MemoryGrowth {
  readonly model: ModelName;
  readonly rss: number;
  readonly pss: number;
  readonly goal: Goal;
}

/** Many columns, next to a plain loop in Python. */
export interface WideResult {
  readonly rows: number;
  readonly columns: number;
  /** Of the dataset. */
  readonly bytes: number;
  readonly product: Rates;
  readonly loop:
    | (Rates & { readonly ratio: Spread; readonly goal: Goal })
    | { readonly leftOut: string };
  readonly peaks: TreePeaks;
  /** The goal for the proportional set size of all processes. */
  readonly memoryGoal: Goal;
}

interface Rates {
  readonly rowsPerSecond: Spread;
  readonly rowsPerCpuSecond: Spread;
}

export interface PlannerResult {
  readonly files: number;
  readonly rowGroups: number;
  readonly datasetBytes: number;
  readonly wallMs: Spread;
  /** Planning one of the files: the fixed part of the time. */
  readonly oneFileWallMs: number;
  readonly peaks: TreePeaks;
  /** Beyond what planning one file reads, program code included. */
  readonly readBytes: number;
  readonly shards: number;
  readonly parts: number;
}

export interface CliffResult {
  readonly name: string;
  readonly data: Pick<Dataset, 'rows' | 'files' | 'bytes'>;
  readonly wallMs: Spread;
  readonly peaks: TreePeaks;
  /** Beyond what a run of one row reads, program code included. */
  readonly readBytes: number;
}

/** Texts of different lengths, by processor time of whole processes. */
export interface TextsResult {
  readonly rows: number;
  readonly tokens: { readonly min: number; readonly max: number };
  readonly groupedPerCpuSecond: Spread;
  readonly paddedPerCpuSecond: Spread;
  /** Grouped by length to padded. */
  readonly ratio: Spread;
  readonly ratioByClock: Spread;
  readonly goal: Goal;
  readonly tokenizedRows: number;
  readonly tokenizedPerCpuSecond: Spread;
}

/** Images next to sharp and ONNX Runtime alone, by processor time of whole processes. */
export interface ImagesResult {
  readonly images: number;
  readonly productPerCpuSecond: Spread;
  readonly baselinePerCpuSecond: Spread;
  readonly ratio: Spread;
  readonly peaks: TreePeaks;
}

/** What profiles, checks, drift and a challenger cost, next to the same run without them. */
export interface ProfileResult {
  readonly model: string;
  readonly rows: number;
  readonly withoutCpuSeconds: Spread;
  readonly sampleCpuSeconds: Spread;
  readonly allCpuSeconds: Spread;
  /** With a profile of a sample of the rows, to without. */
  readonly ratio: Spread;
  readonly ratioOfAllRows: Spread;
  /** With the profile of a sample, checks and drift. */
  readonly checkedCpuSeconds: Spread;
  readonly checkedRatio: Spread;
  /** The goal for all of these. */
  readonly goal: Goal;
  /** With a challenger whose inference costs next to nothing. */
  readonly challengedCpuSeconds: Spread;
  /** The challenger in a run of its own. */
  readonly challengerCpuSeconds: Spread;
  readonly challengedRatio: Spread;
  /** What the calls of its model took. */
  readonly challengerInferenceSeconds: Spread;
  /** The ratio without these. */
  readonly challengedBesidesRatio: Spread;
  /** Of the ratio without these. */
  readonly challengedGoal: Goal;
}

/** Output by partition next to the same output without. */
export interface PartitionsResult {
  readonly model: string;
  readonly rows: number;
  readonly partitions: number;
  readonly plain: RunCost;
  readonly divided: RunCost;
  /** Of processor time. */
  readonly cpuRatio: Spread;
  /** Of wall time. */
  readonly ratio: Spread;
  readonly goal: Goal;
}

/** Of whole processes. */
interface RunCost {
  readonly cpuSeconds: Spread;
  readonly seconds: Spread;
}

/** A commit of many files to a table. */
export interface CommitResult extends CommitAnswer {
  readonly goals: { readonly ms: Goal; readonly peakBytes: Goal };
}

/** An encoder of texts with default settings next to ONNX Runtime alone. */
export interface EncoderResult {
  readonly rows: number;
  readonly tokens: number;
  readonly modelBytes: number;
  readonly parts: number;
  readonly productRowsPerSecond: Spread;
  readonly baselineRowsPerSecond: Spread;
  readonly baselineBatchRows: number;
  readonly ratio: Spread;
  readonly ratioWithoutStart: Spread;
  /** Of rows per second of processor time, next to threads that do not spin. */
  readonly ratioByCpu: Spread;
  readonly goal: Goal;
  readonly peaks: TreePeaks;
  /** The goal for the proportional set size of all processes. */
  readonly memoryGoal: Goal;
  readonly partRows: number;
  /** Work of the parts that are in flight at once, in seconds of the run. */
  readonly lostSeconds: number;
  readonly lostGoal: Goal;
  readonly limited: readonly LimitedRun[];
}

/** Inputs that are texts or lists, next to ONNX Runtime alone with the better of its batches. */
export interface ShapeResult {
  readonly name: string;
  readonly rows: number;
  /** Rows per second. */
  readonly product: Spread;
  readonly productPerCpuSecond: Spread;
  /** ONNX Runtime alone, on values in memory. */
  readonly runtime: {
    readonly rowsPerSecond: Spread;
    readonly ratio: Spread;
    readonly goal?: Goal;
  };
  readonly loop: LoopResult | LeftOut;
  readonly peaks: TreePeaks;
  readonly memoryGoal?: Goal;
}

/** A plain loop in Python, files in and files out. */
interface LoopResult {
  readonly rowsPerSecond: Spread;
  readonly rowsPerCpuSecond: Spread;
  readonly ratio: Spread;
  readonly goal: Goal;
}

/** Why it was not measured. */
interface LeftOut {
  readonly leftOut: string;
}

/** A run of a network with default settings and a memory limit, on a machine that knows nothing of it. */
export interface LimitedRun {
  readonly network: string;
  readonly memoryLimit: string;
  readonly rowsPerSecond: number;
  readonly peaks: TreePeaks;
  /** From the start of the process until rows are shown; undefined where the run was over before. */
  readonly firstProgressMs: number | undefined;
  /** That no engine was stopped for its memory. */
  readonly withinLimit: boolean;
  readonly goal: Goal;
}

/** Two workers next to `shardmill run`, both from S3 to S3 on loopback. */
export interface FleetResult {
  readonly model: ModelName;
  readonly rows: number;
  readonly workers: number;
  readonly fleetMs: Spread;
  readonly runMs: Spread;
  /** Rows per second of the fleet by those of the run; of the medians. */
  readonly ratio: number;
  readonly goal: Goal;
}

/** The time from queueing a shard to writing its record, one shard at a time. */
export interface ShardOverhead {
  readonly shards: number;
  readonly medianMs: number;
  /** 90th percentile. */
  readonly p90Ms: number;
  readonly goal: Goal;
}

/** A run of very many shards, taken by workers that score nothing. */
export interface DispatchResult {
  readonly shards: number;
  readonly planSeconds: number;
  readonly dispatchSeconds: number;
  readonly shardsPerSecond: number;
  /** The most that Redis used beyond what it used when it was empty. */
  readonly redisBytes: number;
  /** The most that the scheduler's process held after planning. */
  readonly residentBytes: number;
  readonly goal: Goal;
}

/** One scheduler with many schedules, with what is asked of it. */
export interface SchedulesResult extends SchedulesAnswer {
  readonly goals: {
    readonly roundCpuMs: Goal;
    readonly residentBytes: Goal;
    readonly submissionMs: Goal;
  };
}

/** A ratio, and what was wanted. */
export interface RatioToGoal {
  readonly ratio: Spread;
  readonly goal: Goal;
}

/** One run from S3 to S3, next to one from file to file and to one with a store that is farther away. */
export interface StorageResult {
  readonly model: ModelName;
  readonly rows: number;
  readonly local: StorageRuns;
  readonly remote: StorageRuns;
  /** Through a relay, which takes time itself, and with answers that it holds back. */
  readonly relayedMs: Spread;
  readonly lateMs: Spread;
  /** By how much each answer was late. */
  readonly latencyMs: number;
  /** A plain loop over S3; absent where no Python can run it. */
  readonly loop?: StorageRuns;
  /** Rows per second from S3 to S3, next to those from file to file. */
  readonly toLocal: RatioToGoal;
  /** Rows per second from S3 to S3, next to those of the loop. */
  readonly toLoop?: RatioToGoal;
  /** Rows per second with the latency, next to those through the relay without. */
  readonly withLatency: RatioToGoal;
}

/** Runs of one program. */
export interface StorageRuns {
  readonly wallMs: Spread;
  /** Processor time of its processes. */
  readonly cpuMs: Spread;
  /** Processor time of the rest of the machine meanwhile: of the store, where the machine does nothing else. */
  readonly othersMs: Spread;
}

/** What `--json` prints. */
export interface BenchResult {
  readonly benchmark: 'shardmill';
  readonly environment: Environment;
  readonly data?: Dataset & { readonly description: string };
  readonly models: readonly ModelResult[];
  readonly memory: readonly MemoryResult[];
  readonly memoryGrowth: readonly MemoryGrowth[];
  readonly wide?: WideResult;
  readonly planner?: PlannerResult;
  readonly cliffs: readonly CliffResult[];
  readonly encoder?: EncoderResult;
  readonly shapes: readonly ShapeResult[];
  readonly texts?: TextsResult;
  readonly images?: ImagesResult;
  readonly storage?: readonly StorageResult[];
  readonly profile?: readonly ProfileResult[];
  readonly partitions?: readonly PartitionsResult[];
  readonly commit?: CommitResult;
  readonly fleet?: readonly FleetResult[];
  readonly shardOverhead?: ShardOverhead;
  readonly dispatch?: DispatchResult;
  readonly schedules?: SchedulesResult;
  /** What could not be measured, since a program failed or gave a wrong result. */
  readonly failures: readonly string[];
}

export function atLeast(goal: number, value: number): Goal {
  return { atLeast: goal, met: value >= goal };
}

export function below(goal: number, value: number): Goal {
  return { below: goal, met: value < goal };
}
