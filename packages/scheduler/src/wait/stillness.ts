/** The files as they were seen first, and since when they were not seen to change. */
export interface SeenInput {
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What is known of the files after a look at them. */
export function afterLook(
  before: SeenInput | undefined,
  fingerprint: string,
  now: number,
): SeenInput {
  return before?.fingerprint === fingerprint ? before : { fingerprint, since: now };
}

/** More of them are not noted of one round: the log of a run stays short. */
export const MAX_NOTES = 100;

/**
 * Whether to note in the log of the run that the files are unchanged, so that a scheduler that
 * comes after this one need not begin to watch them anew: once for each state of the files, when
 * half of the time is over.
 */
export function shouldNote(
  seen: SeenInput,
  noted: SeenInput | undefined,
  notes: number,
  unchangedForMs: number,
  now: number,
): boolean {
  if (noted?.fingerprint === seen.fingerprint || notes >= MAX_NOTES) return false;
  return now - seen.since >= unchangedForMs / 2;
}
