import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import { runStatus, statusDocument } from '@shardmill/client/fleet';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../result.js';
import { statusReport } from '../ui/fleet/status-report.js';

/** Shows how a run stands, also without Redis. @throws RUN_NOT_FOUND, STORE_… */
export async function showStatus(
  reference: string,
  services: Pick<Services, 'withFleet'>,
): Promise<Result> {
  return services.withFleet(async (fleet) => {
    const seen = await runStatus(fleet, reference);
    const now = Date.now();
    return {
      json: () => ({ schemaVersion: DOCUMENT_VERSION, ...statusDocument(seen) }),
      text: (style) => statusReport({ ...seen, request: seen.run.request }, now, style),
    };
  });
}
