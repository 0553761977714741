import { type ErrorCode, ShardmillError } from '@shardmill/core';
import type { LaneSettings } from '../engine/protocol.js';
import type { RunSettings } from '../part/run-settings.js';

/** How the model is called: rows at once, and in how many lanes. */
interface Calls {
  /** Undefined before the first call. */
  readonly rows: number | undefined;
  readonly lanes: number;
}

/** Calls of an engine that had no room, and those of the engine after it. */
export interface ShrunkCalls {
  readonly before: Calls;
  readonly after: Calls;
  /** What `rows` counts, where it is not rows: calls of texts are sized by their tokens. */
  readonly unit?: 'token';
}

const NO_ROOM: ReadonlySet<ErrorCode> = new Set(['ENGINE_OUT_OF_MEMORY', 'DEVICE_OUT_OF_MEMORY']);

/**
 * How the next engine calls the model after one that had no room: with half of the rows, or else in
 * half of the lanes.
 * @param callRows of the engine that ended, if it had come to a call.
 * @returns undefined where the end has another cause, or nothing can be halved.
 */
export function shrinkCalls(
  death: ShardmillError | undefined,
  settings: Pick<RunSettings & LaneSettings, 'lanes' | 'tuneCalls'>,
  callRows: number | undefined,
  unit?: ShrunkCalls['unit'],
): ShrunkCalls | undefined {
  if (death === undefined || !NO_ROOM.has(death.code) || !settings.tuneCalls) return undefined;
  const { lanes } = settings;
  const before = { rows: callRows, lanes };
  const counted = unit === undefined ? {} : { unit };
  if (callRows !== undefined && callRows > 1) {
    return { before, after: { rows: Math.floor(callRows / 2), lanes }, ...counted };
  }
  if (lanes > 1) {
    return { before, after: { rows: callRows, lanes: Math.floor(lanes / 2) }, ...counted };
  }
  return undefined;
}

/** A sentence for the log and for the progress of the run. */
export function describeShrunkCalls({ before, after, unit }: ShrunkCalls): string {
  const rowsText = (rows: number): string => `${rows} ${unit ?? 'row'}${rows === 1 ? '' : 's'}`;
  const had =
    before.rows === undefined
      ? `with ${before.lanes} lanes`
      : `in calls of ${rowsText(before.rows)}`;
  const goes =
    after.lanes < before.lanes
      ? `${after.lanes} instead of ${before.lanes} lanes`
      : `at most ${rowsText(after.rows ?? 1)} a call`;
  return `the engine had no room ${had}; the next one has ${goes}`;
}
