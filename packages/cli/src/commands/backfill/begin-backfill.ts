import {
  type BackfillOptions,
  type BackfillRange,
  backfillRange,
  beginBackfill as begin,
  chooseBackfill,
  type PlannedBackfill,
} from '@shardmill/client/backfill';
import { type Fleet } from '@shardmill/client/fleet';
import { loadJob } from '@shardmill/client/jobs';
import type { Services } from '@shardmill/client/services';
import { ShardmillError } from '@shardmill/core';
import type { Ask } from '../../ask.js';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { backfillPlanText } from '../../ui/backfill/plan-text.js';
import { formatCount, plural } from '../../ui/text/format.js';
import { LiveLines } from '../../ui/text/live-lines.js';
import { followBackfill } from './follow-backfill.js';
import { runHere } from './run-here.js';

export interface BackfillFlags extends Omit<BackfillOptions, 'from' | 'to'> {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly wait?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Ranges with more dates are asked about before each of them is looked at. */
const MANY_DATES = 10_000;

/**
 * Chooses past dates of a job, shows each with why it is taken or left out, asks, and begins.
 * @throws USAGE, JOB_…, PARAMETER_…, TEMPLATE_INVALID, BACKFILL_OUTPUT_SHARED; with `--wait` and
 *   `--local` BACKFILL_FAILED
 */
export async function beginBackfill(
  reference: string,
  flags: BackfillFlags,
  terminal: Terminal,
  services: Pick<Services, 'withFleet' | 'localRun' | 'stores'>,
  ask: Ask,
): Promise<Result> {
  const options = withEnds(flags);
  const loaded = await loadJob(reference, terminal.cwd);
  const range = backfillRange(loaded, options, terminal.cwd);
  if (range.dates.length > MANY_DATES && flags.yes !== true) {
    const question = `${options.from} to ${options.to} has ${formatCount(range.dates.length)} dates. Look at each of them?`;
    if (!(await ask(question))) throw declined();
  }
  return services.withFleet(async (fleet) => {
    const planned = await choose(fleet, range, options, terminal);
    if (flags.dryRun === true || planned.request.dates.length === 0) return plan(planned);
    if (flags.yes !== true) {
      terminal.err(`${backfillPlanText(planned, terminal.errStyle)}\n\n`);
      const question = `Run ${plural(planned.request.dates.length, 'date')} of ${loaded.job.name}?`;
      if (!(await ask(question))) throw declined();
    }
    const backfill = await begin(fleet, planned);
    if (flags.local === true) return runHere(fleet, backfill, terminal, services);
    if (flags.wait === true) return followBackfill(fleet, backfill.request.id, terminal);
    return begun(planned);
  });
}

/** @throws USAGE */
function withEnds({ from, to, ...flags }: BackfillFlags): BackfillOptions {
  if (from !== undefined && to !== undefined) return { ...flags, from, to };
  throw new ShardmillError('USAGE', `--${from === undefined ? 'from' : 'to'} was not given`, {
    where: 'shardmill backfill',
    remedy: 'Give both ends of the range, which are included: --from 2026-11-01 --to 2026-11-30.',
  });
}

async function choose(
  fleet: Fleet,
  range: BackfillRange,
  options: BackfillOptions,
  terminal: Terminal,
): Promise<PlannedBackfill> {
  const lines = new LiveLines(terminal);
  const total = formatCount(range.dates.length);
  try {
    return await chooseBackfill(fleet, range, options, new Date(), (count) => {
      if (terminal.live && count % LOOKED_EACH === 0)
        lines.draw([`looked at ${formatCount(count)} of ${total} dates`]);
    });
  } finally {
    lines.close();
  }
}

const LOOKED_EACH = 20;

/** What would be done, where nothing is. */
function plan(planned: PlannedBackfill): Result {
  return {
    json: () => planDocument(planned, null),
    text: (style) =>
      `${backfillPlanText(planned, style)}${planned.request.dates.length === 0 ? '' : `  ${style.colors.dim('nothing was begun')}`}`,
  };
}

function begun(planned: PlannedBackfill): Result {
  const { id, dates, job } = planned.request;
  return {
    json: () => planDocument(planned, id),
    text: ({ colors }) =>
      [
        `${colors.green('✓')} backfill ${colors.bold(id)} of ${job.name}: ${plural(dates.length, 'date')}`,
        `  ${colors.dim('the schedulers run it; how it stands:')} shardmill backfill show ${id}`,
        `  ${colors.dim('stop it:')} shardmill backfill cancel ${id}`,
      ].join('\n'),
  };
}

function planDocument({ choices, estimate, request }: PlannedBackfill, id: string | null): object {
  const { job, range, maxActive, place } = request;
  return {
    backfill: id,
    job: job.name,
    ...range,
    maxActive,
    place,
    taken: request.dates.length,
    estimate: estimate ?? null,
    dates: choices.map(({ due, why, taken }) => ({
      ...due,
      taken: taken !== undefined,
      why,
      mode: taken?.mode ?? null,
      replaces: taken?.replaces ?? null,
    })),
  };
}

function declined(): ShardmillError {
  return new ShardmillError('USAGE', 'nothing was begun', {
    remedy: 'Answer y, or give --yes; --dry-run only shows the dates.',
  });
}
