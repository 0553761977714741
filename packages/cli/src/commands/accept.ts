import { acceptFleetRun, acceptLocalRun, isLocation } from '@shardmill/client/accept';
import type { Services } from '@shardmill/client/services';
import { ShardmillError } from '@shardmill/core';
import type { FinishedRun } from '@shardmill/client/fleet';
import { runDocument } from '../documents/run-document.js';
import { followRun } from '../fleet/follow-run.js';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { runSummary } from '../ui/run/run-summary.js';
import { scoreColumns } from '../ui/run/score-columns.js';

export interface AcceptFlags {
  readonly reason: string;
  readonly by?: string | undefined;
  readonly run?: string | undefined;
  readonly wait?: boolean | undefined;
}

/**
 * Publishes a run that ended by its checks, after a person has looked at it.
 * @param reference the output folder of a run on this machine, or the id of a run of a fleet.
 * @throws RUN_NOT_FOUND, RUN_STATE, RUN_ACCEPTED; with `--wait` the run's own
 */
export async function accept(
  reference: string,
  { reason, by, run: wanted, wait }: AcceptFlags,
  terminal: Terminal,
  services: Pick<Services, 'withFleet' | 'withEngine' | 'stores' | 'settings'>,
): Promise<Result> {
  const options = { reason, by };
  if (await isLocation(reference, terminal.cwd)) {
    return publishedResult(
      await acceptLocalRun(reference, wanted, options, terminal.cwd, services),
    );
  }
  if (wanted !== undefined) {
    throw new ShardmillError('USAGE', `--run ${wanted} is given, and "${reference}" is no folder`, {
      remedy: 'Give --run with an output folder; the id of a run of a fleet needs no --run.',
    });
  }
  return services.withFleet(async (fleet) => {
    const { run, acceptance, announced } = await acceptFleetRun(fleet, reference, options);
    const { run: id } = run.request;
    if (wait === true) return followRun(fleet, run, terminal);
    return {
      json: () => ({ run: id, round: run.round, accepted: acceptance }),
      text: ({ colors }) =>
        [
          `${colors.green('✓')} run ${id} is accepted by ${acceptance.by}; nothing is scored again`,
          ...(announced
            ? []
            : [colors.yellow('  Redis does not answer: it takes effect when it is back.')]),
          `  ${colors.dim('follow it:')} shardmill watch ${id}`,
        ].join('\n'),
    };
  });
}

/** As `run` shows one of which nothing was left to be scored. */
function publishedResult(run: FinishedRun): Result {
  const { plan, elapsedMs, manifest } = run;
  const rowsResumed = manifest.rows.read;
  const attempt = { elapsedMs, resumed: true, rowsResumed };
  return {
    json: () => runDocument({ ...run, rowsResumed }),
    text: (style) =>
      runSummary({ ...run, attempt, scores: plan && scoreColumns(plan.scoring) }, style),
  };
}
