import { formatCount, formatDuration, parseDurationMs, type WaitFor } from '@shardmill/core';

/** What one check of the input of a run found. */
export interface InputFacts {
  /** Markers that are not there. */
  readonly missingMarkers: readonly string[];
  /** Null where a missing marker made it needless to check files. */
  readonly files: FileFacts | null;
}

export interface FileFacts {
  readonly count: number;
  /** URIs of the input at which nothing is. */
  readonly absent: readonly string[];
  /** By the footers; null where they were not asked for. At least so many where all are there. */
  readonly rows: number | null;
  /** Files whose footers cannot be read, as those of files that are being written. */
  readonly unreadable: number;
  /** Digest of the paths, sizes and identities of all files. */
  readonly fingerprint: string;
  /** Whether a file changed while it was looked at. */
  readonly changing: boolean;
}

export type WaitDecision =
  /** All that is waited for is there. */
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly lacks: readonly string[]; readonly delayMs: number }
  | { readonly kind: 'timed-out'; readonly lacks: readonly string[] };

/**
 * Whether a run may go on to its planning.
 * @param since when the run began to wait. All times are milliseconds since 1970.
 * @param unchangedSince since when the files are seen to be what they are.
 */
export function decideWait(
  facts: InputFacts,
  waitFor: WaitFor,
  since: number,
  unchangedSince: number,
  now: number,
): WaitDecision {
  const lacks = whatIsMissing(facts, waitFor, unchangedSince, now);
  if (lacks.length === 0) return { kind: 'go' };
  const leftMs = since + parseDurationMs(waitFor.timeout) - now;
  if (leftMs <= 0) return { kind: 'timed-out', lacks };
  return {
    kind: 'wait',
    lacks,
    delayMs: Math.max(1, Math.min(parseDurationMs(waitFor.every), leftMs)),
  };
}

/** What a run waits for, each condition in a few words. */
export function conditionsOf({ marker, files, rows, unchangedFor }: WaitFor): string[] {
  return [
    ...(marker === undefined ? [] : [`marker ${marker}`]),
    ...(files === undefined ? [] : [`${formatCount(files)} ${files === 1 ? 'file' : 'files'}`]),
    ...(rows === undefined ? [] : [`${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`]),
    ...(unchangedFor === undefined ? [] : [`files unchanged for ${unchangedFor}`]),
  ];
}

function whatIsMissing(
  { missingMarkers, files: found }: InputFacts,
  { files, rows, unchangedFor }: WaitFor,
  unchangedSince: number,
  now: number,
): string[] {
  const lacks = missingMarkers.map((marker) => `${marker} is not there`);
  if (found === null) return lacks;
  lacks.push(...found.absent.map((uri) => `nothing is at ${uri}`));
  if (found.changing) lacks.push('a file changed while it was looked at');
  if (files !== undefined && found.count < files) {
    lacks.push(`${formatCount(found.count)} of ${formatCount(files)} files are there`);
  }
  if (rows !== undefined && (found.rows ?? 0) < rows) {
    const bad = found.unreadable === 0 ? '' : `, ${found.unreadable} files cannot be read yet`;
    lacks.push(`${formatCount(found.rows ?? 0)} of ${formatCount(rows)} rows are there${bad}`);
  }
  if (unchangedFor === undefined) return lacks;
  const unchangedMs = now - unchangedSince;
  if (unchangedMs < parseDurationMs(unchangedFor)) {
    const seen = formatDuration(Math.max(0, unchangedMs));
    lacks.push(`the files are unchanged for ${seen} of ${unchangedFor}`);
  }
  return lacks;
}
