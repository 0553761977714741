/** What is known of an engine process between two shards. */
export interface EngineHealth {
  readonly residentBytes: number;
  readonly memoryLimitBytes: number;
  /** Since the process was started. */
  readonly shards: number;
  /** Models that were loaded into it, one after the other. */
  readonly runs: number;
}

/** Above this share of its limit an engine is better replaced than stopped in the middle of a part. */
const SOFT_LIMIT = 0.75;
/** A model that needs most of the memory is not loaded again for every shard. */
const MIN_SHARDS_PER_ENGINE = 16;
/** Loading model after model grows the memory of ONNX Runtime (microsoft/onnxruntime#25325). */
const MAX_RUNS_PER_ENGINE = 16;

/** Whether an engine process is to be replaced before it takes another shard. */
export function shouldRecycle(engine: EngineHealth): boolean {
  if (engine.runs > MAX_RUNS_PER_ENGINE) return true;
  return (
    engine.residentBytes > engine.memoryLimitBytes * SOFT_LIMIT &&
    engine.shards >= MIN_SHARDS_PER_ENGINE
  );
}
