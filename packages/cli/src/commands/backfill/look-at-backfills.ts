import { listBackfills as list, showBackfill as show } from '@shardmill/client/backfill';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../../result.js';
import { backfillReport, backfillsTable } from '../../ui/backfill/backfill-text.js';
import { backfillDocument } from './follow-backfill.js';

type NeedsFleet = Pick<Services, 'withFleet'>;

/** Backfills that are listed unless all are asked for. */
const LATEST = 20;

export interface ListFlags {
  readonly all?: boolean | undefined;
}

/** The latest first; works without Redis. @throws STORE_… */
export function listBackfills({ all = false }: ListFlags, services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const { backfills, more } = await list(fleet, all ? Number.POSITIVE_INFINITY : LATEST);
    return {
      json: () => backfills.map(backfillDocument),
      text: (style) => backfillsTable(backfills, more, Date.now(), style),
    };
  });
}

/** How each date of a backfill stands. @throws BACKFILL_NOT_FOUND */
export function showBackfill(reference: string, services: NeedsFleet): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const shown = await show(fleet, reference);
    return {
      json: () => ({ ...backfillDocument(shown), dates: shown.dates }),
      text: (style) => backfillReport(shown, style),
    };
  });
}
