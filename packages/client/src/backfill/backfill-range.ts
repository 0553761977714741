import { type Job, ShardmillError } from '@shardmill/core';
import {
  type BackfillRequest,
  type DateRange,
  datesAround,
  type DueDate,
  dueDates,
  EVERY,
  type Every,
  jobOfDate,
  MAX_DATES,
  type Reprocess,
} from '@shardmill/scheduler';
import type { LoadedJob } from '../load-job.js';
import { type JobFlags, overrideJob } from '../prepare-job.js';
import { refuseTimeParameters } from '../refuse-time-parameters.js';

/** What `backfill` takes beside the job. */
export interface BackfillOptions extends Pick<JobFlags, 'param' | 'input' | 'output'> {
  /** A day or a time; both ends are included. */
  readonly from: string;
  readonly to: string;
  /** Dates of this kind instead of those of the job's cron. */
  readonly every?: Every | undefined;
  /** `missing` where left out. */
  readonly reprocess?: Reprocess | undefined;
  /** Runs under way at once: 3 where left out, 1 locally. */
  readonly maxActive?: number | undefined;
  readonly newestFirst?: boolean | undefined;
  /** 0 to 100, the greater goes first; 25 where left out, so that what is due today goes before. */
  readonly priority?: number | undefined;
  readonly failFast?: boolean | undefined;
  /** Run here, and not by the fleet. */
  readonly local?: boolean | undefined;
}

/** A date of a backfill, with the output location that it has. */
interface PlacedDate {
  readonly due: DueDate;
  /** Its `{{ ds }}`. */
  readonly ds: string;
  readonly output: string;
}

/** A range that was found right: nothing was looked at yet but the definition. */
export interface BackfillRange {
  readonly work: Pick<BackfillRequest, 'job' | 'jobFile' | 'params'>;
  readonly timezone: string;
  readonly every: string;
  /** By time. */
  readonly dates: readonly PlacedDate[];
  /** Whether a location has several dates, also of those outside of the range. */
  readonly shared: boolean;
}

/**
 * The dates of a range, each with its templates filled in.
 * @throws USAGE, PARAMETER_…, TEMPLATE_INVALID, BACKFILL_OUTPUT_SHARED
 */
export function backfillRange(
  { job, file }: LoadedJob,
  options: BackfillOptions,
  cwd: string,
): BackfillRange {
  const { param = {}, from, to } = options;
  refuseTimeParameters(param, 'each date of a backfill', 'Say the dates with --from and --to.');
  const wanted = overrideJob(job, options, cwd);
  const every = options.every ?? job.schedule?.cron;
  if (every === undefined) {
    throw new ShardmillError('USAGE', `the job ${job.name} has no schedule`, {
      where: file,
      remedy: 'Say which dates there are: --every day, or hour, week, month.',
    });
  }
  const timezone = job.schedule?.timezone ?? 'UTC';
  const cron = options.every === undefined ? every : EVERY[options.every];
  const work = { job: wanted, jobFile: file, params: param };
  const dates: PlacedDate[] = [];
  for (const due of dueDates({ from, to, cron, timezone, maxDates: MAX_DATES })) {
    const filled = jobOfDate(work, due);
    dates.push({ due, ds: filled.params['ds'] ?? '', output: filled.job.output.uri });
  }
  const shared =
    sharesOutputs(dates, wanted.output.mode) ||
    (wanted.output.mode === 'append' && sharesWithOthers(work, dates, { cron, timezone }));
  return { work, timezone, every, dates, shared };
}

/**
 * Whether dates write to one location. One that replaces partitions of a table shares it with all
 * others, also those that this backfill does not have.
 * @throws BACKFILL_OUTPUT_SHARED where dates would replace or refuse each other.
 */
function sharesOutputs(dates: readonly PlacedDate[], mode: Job['output']['mode']): boolean {
  if (mode === 'replace-partitions') return true;
  const first = new Map<string, PlacedDate>();
  for (const date of dates) {
    const other = first.get(date.output);
    if (other === undefined) {
      first.set(date.output, date);
      continue;
    }
    if (mode === 'append') return true;
    throw new ShardmillError(
      'BACKFILL_OUTPUT_SHARED',
      `the dates ${other.due.ts} and ${date.due.ts} write to one location in mode ${mode}: ${date.output}`,
      { where: 'output.uri' },
    );
  }
  return false;
}

/**
 * Whether the date before the range, or the one after it, writes to a location of the range: a run that
 * replaced what is there would replace theirs, too.
 */
function sharesWithOthers(
  work: BackfillRange['work'],
  dates: readonly PlacedDate[],
  timing: Pick<DateRange, 'cron' | 'timezone'>,
): boolean {
  const outputs = new Set(dates.map(({ output }) => output));
  return datesAround(
    timing,
    dates.map(({ due }) => due),
  ).some((due) => outputs.has(jobOfDate(work, due).job.output.uri));
}
