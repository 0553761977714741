import { z } from 'zod';
import { WAIT_COUNT } from '../bounds.js';
import { isWholeLocation } from '../../store/location.js';
import { durationSchema } from '../values/duration-schema.js';
import { parseDurationMs } from '../values/units.js';
import { whole } from '../values/whole-schema.js';

/** What a run does whose input was not there in time. */
export const timeoutActions = ['fail', 'skip', 'run'] as const;

const MARKER_MESSAGE =
  'expected a name such as "_SUCCESS" below the input, or a whole location such as "s3://BUCKET/KEY"';

/**
 * `input.waitFor`: what has to be there before a run is planned. Conditions that are given must all
 * hold at once.
 */
export const waitForSchema = z
  .strictObject({
    marker: z
      .string()
      .refine(isMarker, MARKER_MESSAGE)
      .optional()
      .describe('A file that says that the input is complete, looked for in each folder of it.'),
    files: whole(WAIT_COUNT).optional().describe('The input has at least so many files.'),
    rows: whole(WAIT_COUNT)
      .optional()
      .describe('The files of the input have at least so many rows by their footers.'),
    unchangedFor: durationSchema('1s')
      .optional()
      .describe('No file of the input came, went or changed for so long.'),
    every: durationSchema('1s').default('30s').describe('Time between two checks of the input.'),
    timeout: durationSchema('0ms')
      .default('6h')
      .describe('How long to wait, from the submission or the start of the run on.'),
    onTimeout: z
      .enum(timeoutActions)
      .default('fail')
      .describe('What to do then: fail, skip the run, or run with what is there.'),
  })
  .refine(
    ({ marker, files, rows, unchangedFor }) =>
      [marker, files, rows, unchangedFor].some((condition) => condition !== undefined),
    { message: 'expected at least one of marker, files, rows and unchangedFor' },
  )
  .refine(canHoldInTime, {
    path: ['unchangedFor'],
    message: 'expected less than waitFor.timeout, or it could never hold in time',
  })
  .describe('What to wait for before the run is planned.');

export type WaitFor = z.output<typeof waitForSchema>;

function isMarker(marker: string): boolean {
  if (marker === '' || marker.endsWith('/')) return false;
  if (isWholeLocation(marker)) return true;
  return marker.split('/').every((name) => !['', '.', '..'].includes(name));
}

function canHoldInTime(waitFor: { unchangedFor?: string | undefined; timeout: string }): boolean {
  const { unchangedFor, timeout } = waitFor;
  try {
    return unchangedFor === undefined || parseDurationMs(unchangedFor) < parseDurationMs(timeout);
  } catch {
    // One of them is no duration, which is reported by itself.
    return true;
  }
}
