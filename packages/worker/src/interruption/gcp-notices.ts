import { askRepeatedly } from './ask-repeatedly.js';
import { metadataRequest } from './metadata-request.js';
import type { Notice, NoticeOptions, NoticeSource } from './notice.js';

const BASE_URL = 'http://metadata.google.internal';
const HEADERS = { 'Metadata-Flavor': 'Google' };
/** The service holds a request for at most so long until something changes. */
const WAIT_SECONDS = 60;
const GRACE_MS = 10_000;
/** After an answer without news, and after none. */
const INTERVAL_MS = 1000;

/**
 * Preemption and host maintenance of Compute Engine. The service is asked to answer when something
 * changes: a spot machine has only half a minute.
 */
export class GcpNotices implements NoticeSource {
  readonly name = 'gcp';

  constructor(readonly options: NoticeOptions) {}

  async watch(onNotice: (notice: Notice) => void, signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#watchKey('preempted', preemptionOf, onNotice, signal),
      this.#watchKey('maintenance-event', maintenanceOf, onNotice, signal),
    ]);
  }

  async #watchKey(
    key: string,
    read: (text: string, at: number, isFirst: boolean) => Notice | undefined,
    onNotice: (notice: Notice) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { log, baseUrl = BASE_URL, intervalMs = INTERVAL_MS } = this.options;
    let etag: string | null = null;
    let last: string | undefined;
    const ask = async (): Promise<void> => {
      // The first question is answered at once. With the tag of the last answer, a change in
      // between two questions is not missed.
      const wait: string =
        etag === null
          ? ''
          : `?wait_for_change=true&timeout_sec=${WAIT_SECONDS}&last_etag=${encodeURIComponent(etag)}`;
      const answer = await metadataRequest({
        url: `${baseUrl}/computeMetadata/v1/instance/${key}${wait}`,
        headers: HEADERS,
        timeoutMs: (etag === null ? 0 : WAIT_SECONDS * 1000) + GRACE_MS,
        signal,
      });
      if (answer.status !== 200) throw new Error(`${key} answered with status ${answer.status}`);
      // Something in between that answers everything is not the metadata service.
      if (answer.header('Metadata-Flavor') !== 'Google') {
        throw new Error(`${key} was not answered by Google's metadata service`);
      }
      etag = answer.header('ETag');
      const text = answer.text.trim();
      const now = this.options.now();
      const notice = text === last ? undefined : read(text, now, last === undefined);
      last = text;
      if (notice !== undefined) onNotice(notice);
    };
    const service = `Compute Engine metadata, instance/${key}`;
    await askRepeatedly(ask, { service, intervalMs, log, signal });
  }
}

function preemptionOf(text: string, at: number): Notice | undefined {
  if (text !== 'TRUE') return undefined;
  // The machine gets its ACPI signal at the same time, and has 30 seconds from there.
  return { kind: 'interruption', at, deadline: at + 30_000, detail: 'the machine is preempted' };
}

/**
 * A live migration (`MIGRATE_ON_HOST_MAINTENANCE`) needs nothing: no process notices it. What was
 * announced before this process began was handled by another; a machine with a GPU has an hour
 * left, which this process can still use.
 */
function maintenanceOf(text: string, at: number, isFirst: boolean): Notice | undefined {
  if (text !== 'TERMINATE_ON_HOST_MAINTENANCE' || isFirst) return undefined;
  const detail = 'the machine will be stopped for maintenance of its host';
  return { kind: 'maintenance', at, deadline: null, detail };
}
