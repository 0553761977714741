import { askProcess } from '../child-process.js';
import { below, type SchedulesResult } from '../results.js';
import { schedulesAnswer } from './schedules-result.js';

const GOAL_CPU_MS = 1000;
const GOAL_BYTES = 300_000_000;
const GOAL_SUBMISSION_MS = 2000;

/** Follows 10,000 schedules by the real reconciler over a folder. @throws WrongResultError */
export async function measureSchedules(progress: (text: string) => void): Promise<SchedulesResult> {
  progress('schedules: setting 10,000 of them');
  const script = new URL('./schedules-process.js', import.meta.url);
  const { answer } = await askProcess(script, {}, schedulesAnswer, 1);
  return {
    ...answer,
    goals: {
      roundCpuMs: below(GOAL_CPU_MS, answer.round.cpuMs),
      residentBytes: below(GOAL_BYTES, answer.residentBytes),
      submissionMs: below(GOAL_SUBMISSION_MS, answer.submission.maxMs),
    },
  };
}

/** What people read. */
export function schedulesReport(result: SchedulesResult | undefined): string[] {
  if (result === undefined) return [];
  const { schedules, coldStart, start, round, submission, residentBytes, goals } = result;
  const met = (goal: { readonly met: boolean }): string => (goal.met ? 'met' : 'missed');
  const ms = (value: number): string => `${Math.round(value).toLocaleString('en')} ms`;
  return [
    `${schedules.toLocaleString('en')} schedules in a folder, followed by one scheduler on one core:`,
    `  a round with its listings takes ${ms(round.cpuMs)} of CPU and ${round.reads} reads; goal below ${ms(GOAL_CPU_MS)}: ${met(goals.roundCpuMs)}`,
    `  a start takes ${ms(start.cpuMs)} and ${start.reads} reads, the first of all ${ms(coldStart.cpuMs)} and ${coldStart.reads}`,
    `  ${(residentBytes / 1e6).toFixed(0)} MB resident; goal below ${GOAL_BYTES / 1e6}: ${met(goals.residentBytes)}`,
    `  a run is submitted ${ms(submission.medianMs)} after its tick, ${ms(submission.maxMs)} at most of ${submission.ticks}; goal below ${ms(GOAL_SUBMISSION_MS)}: ${met(goals.submissionMs)}`,
  ];
}
