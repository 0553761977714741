import { type ErrorCode, type Plan, ShardmillError } from '@shardmill/core';
import { watchInterrupts } from '../interrupts.js';
import type { RunEvents, RunProgress, RunResult } from '@shardmill/client/local-run';
import { type JobFlags, type PreparedJob, prepareJob } from '@shardmill/client/jobs';
import type { Result } from '../result.js';
import { runDocument } from '../documents/run-document.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { plural } from '../ui/text/format.js';
import { ProgressDisplay } from '../ui/run/progress-display.js';
import { runSummary } from '../ui/run/run-summary.js';
import { scoreColumns } from '../ui/run/score-columns.js';
import { shortPath } from '../ui/text/shorten-paths.js';

export interface RunFlags extends JobFlags {
  readonly maxRejectedRows?: string | number | undefined;
  readonly engines?: number | undefined;
  readonly lanes?: number | undefined;
  readonly threadsPerLane?: number | undefined;
  readonly batchRows?: number | undefined;
  readonly memoryLimit?: string | number | undefined;
  readonly ifFinished?: 'fail' | 'ok' | undefined;
  readonly quiet?: boolean | undefined;
}

/** Scores a job on this machine. @throws ShardmillError */
export async function runJob(
  reference: string,
  flags: RunFlags,
  terminal: Terminal,
  services: Pick<Services, 'localRun' | 'stores' | 'warmUp'>,
): Promise<Result> {
  services.warmUp();
  const prepared = await prepareJob(reference, flags, terminal.cwd);
  const followed = await follow(prepared, flags, terminal, services);
  return {
    json: () => runDocument({ ...followed.result, rowsResumed: followed.rowsResumed }),
    text: (style) => {
      if (flags.quiet) return '';
      const { result, plan, rowsResumed } = followed;
      return runSummary(
        {
          ...result,
          scores: plan && scoreColumns(plan.scoring),
          attempt: {
            elapsedMs: result.elapsedMs,
            resumed: result.resumed,
            rowsResumed,
            shrunkCalls: followed.shrunkCalls,
          },
        },
        style,
      );
    },
  };
}

interface FollowedRun {
  readonly result: RunResult;
  readonly plan: Plan | undefined;
  readonly rowsResumed: number;
  readonly shrunkCalls: RunProgress['shrunkCalls'];
}

/** Runs it and shows on standard error how it goes on. */
async function follow(
  { job, jobFile, params, command, selection }: PreparedJob,
  flags: RunFlags,
  terminal: Terminal,
  { localRun, stores }: Pick<Services, 'localRun' | 'stores'>,
): Promise<FollowedRun> {
  const display = flags.quiet ? undefined : new ProgressDisplay(terminal, job.name);
  const { dim, yellow } = terminal.errStyle.colors;
  let plan: Plan | undefined;
  let last: RunProgress | undefined;
  stores.onWaiting = (message) => display?.notice(yellow(message));
  const events: RunEvents = {
    waiting: (_wait, text) => display?.waits(text),
    planned: (made, resumed) => {
      plan = made;
      display?.notice(dim(plannedLine(made, resumed, terminal.cwd)));
      for (const notice of made.notices) display?.notice(yellow(`note  ${notice}`));
    },
    progress: (progress) => {
      last = progress;
      display?.update(progress);
    },
    notice: (message) => display?.notice(yellow(message)),
  };
  const interrupts = watchInterrupts(() => {
    display?.notice(
      yellow('stopping: parts that are done are kept. Press Ctrl-C again to end at once.'),
    );
  });
  try {
    const {
      param: _param,
      input: _input,
      output: _output,
      mode: _mode,
      maxDuration: _maxDuration,
      maxCost: _maxCost,
      limit: _limit,
      sample: _sample,
      quiet: _quiet,
      ...resources
    } = flags;
    const result = await localRun(
      { ...resources, job, jobFile, params, command, selection, signal: interrupts.signal },
      events,
    );
    return {
      result,
      plan,
      // Nothing is left to do for a run that had finished.
      rowsResumed: result.alreadyFinished ? result.manifest.rows.read : (last?.rowsResumed ?? 0),
      shrunkCalls: last?.shrunkCalls ?? [],
    };
  } catch (error) {
    throw withCommand(error, command);
  } finally {
    interrupts.close();
    display?.close();
  }
}

/** Names the command that continues a run that stopped, so that it can be copied. */
function withCommand(error: unknown, command: string): unknown {
  if (!(error instanceof ShardmillError) || !GOES_ON.includes(error.code)) return error;
  const remedy = error.remedy.replace(/(?:run|Run) the same command again/, (words) =>
    words.replace('the same command again', command),
  );
  return new ShardmillError(error.code, error.message, {
    where: error.where,
    remedy,
    cause: error,
  });
}

const GOES_ON: readonly ErrorCode[] = [
  'INTERRUPTED',
  'SHARDS_FAILED',
  'MAX_DURATION_REACHED',
  'MAX_COST_REACHED',
];

function plannedLine(plan: Plan, resumed: boolean, cwd: string): string {
  const { rows, files, parts } = plan.totals;
  const going = resumed ? `going on with run ${plan.runId}: ` : '';
  const work = `${plural(rows, 'row')} in ${plural(files, 'file')}, ${plural(parts, 'part')}`;
  return `${plan.job.name}: ${going}${work} → ${shortPath(plan.scoring.output.uri, cwd)}`;
}
