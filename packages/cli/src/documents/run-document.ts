import type { RunDocument } from '@shardmill/client/document-schemas';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import type { Manifest } from '@shardmill/core';

export interface RunDocumentFacts {
  readonly runId: string;
  readonly output: string;
  readonly manifest: Manifest;
  readonly manifestPath: string;
  readonly elapsedMs: number;
  readonly resumed: boolean;
  readonly rowsResumed: number;
  readonly alreadyFinished?: boolean | undefined;
}

/**
 * What `run --json` and `submit --wait --json` print of a run that finished. The parts are in the
 * manifest: there may be very many.
 */
export function runDocument(run: RunDocumentFacts): RunDocument {
  const { manifest } = run;
  return {
    schemaVersion: DOCUMENT_VERSION,
    runId: run.runId,
    job: manifest.job,
    output: run.output,
    manifest: run.manifestPath,
    rows: manifest.rows,
    parts: manifest.parts.length,
    bytes: manifest.bytes,
    rejected: manifest.rejected.map((object) => object.key),
    resumed: run.resumed,
    alreadyFinished: run.alreadyFinished ?? false,
    rowsResumed: run.rowsResumed,
    elapsedMs: Math.round(run.elapsedMs),
    ...(manifest.table !== undefined && { table: manifest.table }),
    model: manifest.model,
    ...(manifest.drift !== undefined && { drift: manifest.drift }),
    ...(manifest.challengers !== undefined && { challengers: manifest.challengers }),
    ...(manifest.usage && { usage: manifest.usage }),
    ...(manifest.quality && { quality: manifest.quality }),
    statistics: manifest.statistics,
  };
}
