import { type Plan, ShardmillError } from '@shardmill/core';
import type { InputWait } from '@shardmill/queue';
import type { LocalRunOptions, RunProgress, RunResult } from '../local-run/run-types.js';
import { type JobOptions, type JobSource, prepareSource } from './job-source.js';
import { withServices } from './with-services.js';

export interface RunOptions
  extends JobOptions,
    Pick<
      LocalRunOptions,
      | 'engines'
      | 'lanes'
      | 'threadsPerLane'
      | 'batchRows'
      | 'memoryLimit'
      | 'maxRejectedRows'
      | 'ifFinished'
    > {
  /** Score the first rows only; they go to `OUTPUT_sample` unless `output` is given. */
  readonly limit?: number | undefined;
  /** The same with rows from all over the input. */
  readonly sample?: number | undefined;
  /** Aborted to stop the run: parts that are done are kept, and the same call goes on with it. */
  readonly signal?: AbortSignal | undefined;
  /** Called every second while the input is waited for (`input.waitFor`). */
  readonly onWaiting?: ((wait: InputWait) => void) | undefined;
  /** Called once, when it is known what is to be done. */
  readonly onPlan?: ((plan: Plan, resumed: boolean) => void) | undefined;
  /** Called ten times a second while rows are scored, and once at the end. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  /** Called with what a person should know: warnings, attempts that are repeated. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/**
 * Scores a job on this machine, and goes on where an interrupted run of the same job stopped.
 * @throws ShardmillError; INTERRUPTED where `signal` was aborted
 */
export async function run(source: JobSource, options: RunOptions = {}): Promise<RunResult> {
  const {
    base: _base,
    params: _params,
    input: _input,
    output: _output,
    mode: _mode,
    maxDuration: _maxDuration,
    maxCost: _maxCost,
    config: _config,
    limit: _limit,
    sample: _sample,
    signal = new AbortController().signal,
    onWaiting,
    onPlan,
    onProgress,
    onNotice,
    ...resources
  } = options;
  if (signal.aborted) throw calledAgain(new ShardmillError('INTERRUPTED', 'nothing was begun'));
  return withServices(options, async (services) => {
    services.warmUp();
    const { job, jobFile, params, command, selection } = await prepareSource(source, options);
    services.stores.onWaiting = (message) => onNotice?.(message);
    const prepared = { job, jobFile, params, command, selection };
    try {
      return await services.localRun(
        { ...resources, ...prepared, signal },
        {
          waiting: (wait) => onWaiting?.(wait),
          planned(made, resumed) {
            onPlan?.(made, resumed);
            for (const notice of made.notices) onNotice?.(notice);
          },
          progress: (progress) => onProgress?.(progress),
          notice: (message) => onNotice?.(message),
        },
      );
    } catch (error) {
      throw calledAgain(error);
    }
  });
}

/** What goes on with a run that stopped is a call here, and not a command. */
function calledAgain(error: unknown): unknown {
  if (!(error instanceof ShardmillError)) return error;
  const { code, message, where } = error;
  const remedy = error.remedy.replace(/\b(r|R)un the same command again/, (_words, r: string) =>
    r === 'R' ? 'Call run() with the same job again' : 'call run() with the same job again',
  );
  return remedy === error.remedy
    ? error
    : new ShardmillError(code, message, { where, remedy, cause: error });
}
