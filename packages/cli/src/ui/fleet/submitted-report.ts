import type { RegisteredRun } from '@shardmill/client/fleet';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { fieldLines, wrapText } from '../text/text-layout.js';

/** What a run needs: whether it is there. */
export interface Advice {
  /** Why Redis cannot be reached, or undefined where it answers. */
  readonly redis: string | undefined;
  readonly scheduler: boolean;
  readonly worker: boolean;
}

/** What `submit` prints: the run, and what to do next. */
export function submittedReport(
  submission: { readonly run: RegisteredRun; readonly attached: boolean; readonly advice: Advice },
  { colors, cwd, width }: Style,
): string {
  const { request, phase } = submission.run;
  const { run, job } = request;
  const what = submission.attached
    ? `${colors.green('✓')} ${colors.bold(job.name)} attached to run ${colors.bold(run)}, which is ${phase}`
    : `${colors.green('✓')} ${colors.bold(job.name)} submitted as run ${colors.bold(run)}`;
  const missing = missingText(submission.advice, job.resources.pool);
  return [
    what,
    '',
    ...fieldLines(
      [
        ['output', shortPath(job.output.uri, cwd)],
        ['follow it', `shardmill watch ${run}`],
        ['look at it', `shardmill status ${run}`],
        ['stop it', `shardmill cancel ${run}`],
      ],
      colors.dim,
      width,
    ),
    ...missing.map((line) => `\n  ${colors.yellow(wrapText(`! ${line}`, width, 4, 2))}`),
  ].join('\n');
}

function missingText({ redis, scheduler, worker }: Advice, pool: string): string[] {
  if (redis !== undefined) {
    return [`${redis}. The run is stored; a scheduler finds it once Redis is back.`];
  }
  const lines: string[] = [];
  if (!scheduler) lines.push('no scheduler is there: start one with `shardmill scheduler`');
  if (!worker) {
    lines.push(
      `no worker of pool ${pool} is there: start one with \`shardmill worker --pool ${pool}\``,
    );
  }
  return lines;
}
