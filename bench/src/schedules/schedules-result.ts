import { z } from 'zod';

const number = z.number();

/** What the process of this measurement answers with. */
export const schedulesAnswer = z.strictObject({
  schedules: number,
  /** Of a scheduler that starts where nothing was written down. */
  coldStart: z.strictObject({ cpuMs: number, reads: number }),
  /** Of one that starts later. */
  start: z.strictObject({ cpuMs: number, reads: number }),
  /** One round in which nothing is due, with the listings that it makes now and then. */
  round: z.strictObject({ cpuMs: number, reads: number, listed: number }),
  /** From a tick to the request of its run in the log of runs, beside all the others. */
  submission: z.strictObject({ ticks: number, medianMs: number, maxMs: number }),
  residentBytes: number,
});
export type SchedulesAnswer = z.output<typeof schedulesAnswer>;
