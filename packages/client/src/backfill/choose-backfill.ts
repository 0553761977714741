import { mapConcurrent, newRunId } from '@shardmill/core';
import {
  type BackfillEstimate,
  type BackfillRequest,
  chooseDate,
  type DateChoice,
  type DateFinding,
  estimateBackfill,
  findDate,
  findSharedDates,
} from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';
import { whoAmI } from '../identity.js';
import type { BackfillOptions, BackfillRange } from './backfill-range.js';
import { type EarlierDates, earlierDates } from './earlier-dates.js';

/** What a backfill would do: nothing was written. */
export interface PlannedBackfill {
  /** All dates of the range, by time, with why each is taken or left out. */
  readonly choices: readonly DateChoice[];
  readonly timezone: string;
  /** From dates that were scored, of the range if there are any; undefined where none is known. */
  readonly estimate: BackfillEstimate | undefined;
  /** What is stored where the backfill is begun. */
  readonly request: BackfillRequest;
}

const AT_ONCE = 16;
const DEFAULT_MAX_ACTIVE = 3;

/**
 * Looks at what is known of each date, and chooses.
 * @param looked is called as dates have been looked at, with how many.
 * @throws STORE_…, PLAN_MISMATCH
 */
export async function chooseBackfill(
  fleet: Fleet,
  range: BackfillRange,
  options: BackfillOptions,
  now: Date,
  looked: (count: number) => void = () => {},
): Promise<PlannedBackfill> {
  const { work, timezone, dates, every } = range;
  const { reprocess = 'missing', local = false, priority = 25, failFast = false } = options;
  const maxActive = local ? 1 : (options.maxActive ?? DEFAULT_MAX_ACTIVE);
  const earlier = await earlierDates(fleet, work.job.name);
  const findings = await findAll(fleet, range, earlier, now, looked);
  const choices = dates.map(({ due }, i) =>
    chooseDate(due, findings[i] ?? { kind: 'missing' }, reprocess, work.job.output.mode),
  );
  const scored = findings.flatMap((finding) => (finding.kind === 'finished' ? [finding] : []));
  const past = scored.length > 0 ? scored : await earlier.past();
  const taken = choices.flatMap((choice) => (choice.taken === undefined ? [] : [choice.taken]));
  return {
    choices,
    timezone,
    estimate: estimateBackfill(choices, past, maxActive),
    request: {
      ...work,
      id: newRunId(now),
      submittedAt: now.toISOString(),
      submittedBy: whoAmI(),
      priority,
      failFast,
      place: local ? 'local' : 'fleet',
      range: { from: options.from, to: options.to, every, reprocess },
      maxActive,
      dates: options.newestFirst === true ? taken.toReversed() : taken,
    },
  };
}

async function findAll(
  fleet: Fleet,
  range: BackfillRange,
  earlier: EarlierDates,
  now: Date,
  looked: (count: number) => void,
): Promise<DateFinding[]> {
  const { work, dates, shared } = range;
  const { registry, stores } = fleet;
  const job = work.job.name;
  let count = 0;
  const sharing = shared ? await sharedFindings(fleet, range) : undefined;
  return mapConcurrent([...dates.entries()], AT_ONCE, async ([i, { due, ds, output }]) => {
    looked(++count);
    if (Date.parse(due.ts) > now.getTime()) return { kind: 'not-due' };
    const coming = earlier.coming(output, shared ? due.ts : undefined);
    if (coming !== undefined) return { kind: 'under-way', what: coming };
    const place = { store: stores.open(output), job, registry };
    const finding = sharing?.[i] ?? (await findDate(place, { ts: due.ts, ds }));
    return finding.kind === 'missing' ? ((await earlier.failed(due.ts)) ?? finding) : finding;
  });
}

/** Of dates that write to a few locations together. */
async function sharedFindings(
  { stores }: Fleet,
  { work, dates }: BackfillRange,
): Promise<DateFinding[]> {
  const findings: DateFinding[] = dates.map(() => ({ kind: 'missing' }));
  const places = new Map<string, number[]>();
  for (const [i, { output }] of dates.entries()) {
    places.set(output, [...(places.get(output) ?? []), i]);
  }
  for (const [output, indexes] of places) {
    const place = { store: stores.open(output), job: work.job.name };
    const asked = indexes.map((i) => ({ ts: dates[i]?.due.ts ?? '', ds: dates[i]?.ds ?? '' }));
    const found = await findSharedDates(place, asked, work.job.output.mode);
    for (const [k, i] of indexes.entries()) findings[i] = found[k] ?? { kind: 'missing' };
  }
  return findings;
}
