import { askRepeatedly } from './ask-repeatedly.js';
import { fieldsOf, jsonOf, metadataRequest, timeOf } from './metadata-request.js';
import type { Notice, NoticeOptions, NoticeSource } from './notice.js';

const BASE_URL = 'http://169.254.169.254';
const HEADERS = { Metadata: 'true' };
const EVENTS = '/metadata/scheduledevents?api-version=2020-07-01';
const OWN_NAME = '/metadata/instance/compute/name?api-version=2021-02-01&format=text';
/** As Azure recommends: a spot machine has half a minute. */
const INTERVAL_MS = 1000;
/** The very first request may take two minutes: it enables the service. */
const INITIAL_TIMEOUT_MS = 150_000;
const TIMEOUT_MS = 10_000;
/** What is announced days ahead does not concern a worker yet. */
const NEAR_MS = 5 * 60_000;

/** What the event does to the machine; a freeze is over in seconds and loses nothing. */
const KINDS: ReadonlyMap<unknown, Notice['kind']> = new Map([
  ['Preempt', 'interruption'],
  ['Terminate', 'interruption'],
  ['Reboot', 'maintenance'],
  ['Redeploy', 'maintenance'],
]);

/** Scheduled events of an Azure virtual machine. */
export class AzureNotices implements NoticeSource {
  readonly name = 'azure';
  #ownName: string | undefined;
  #timeoutMs = INITIAL_TIMEOUT_MS;
  readonly #reported = new Set<unknown>();

  constructor(readonly options: NoticeOptions) {}

  async watch(onNotice: (notice: Notice) => void, signal: AbortSignal): Promise<void> {
    const { log, intervalMs = INTERVAL_MS } = this.options;
    const ask = (): Promise<void> => this.#ask(onNotice, signal);
    await askRepeatedly(ask, { service: 'Azure scheduled events', intervalMs, log, signal });
  }

  async #ask(onNotice: (notice: Notice) => void, signal: AbortSignal): Promise<void> {
    // Every machine of an availability set or scale set gets the events of all.
    this.#ownName ??= (await this.#get(OWN_NAME, TIMEOUT_MS, signal)).text.trim();
    const answer = await this.#get(EVENTS, this.#timeoutMs, signal);
    this.#timeoutMs = TIMEOUT_MS;
    const events = fieldsOf(jsonOf(answer)).get('Events');
    if (!Array.isArray(events)) throw new Error(`expected events, found ${answer.text}`);
    for (const event of events) {
      const fields = fieldsOf(event);
      const notice = this.#noticeOf(fields);
      if (notice === undefined || this.#reported.has(fields.get('EventId'))) continue;
      this.#reported.add(fields.get('EventId'));
      onNotice(notice);
    }
  }

  async #get(
    path: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): ReturnType<typeof metadataRequest> {
    const url = (this.options.baseUrl ?? BASE_URL) + path;
    const answer = await metadataRequest({ url, headers: HEADERS, timeoutMs, signal });
    if (answer.status === 200) return answer;
    throw new Error(`${path} answered with status ${answer.status}`);
  }

  /** Undefined for what does not concern this machine, or not yet. */
  #noticeOf(event: ReadonlyMap<string, unknown>): Notice | undefined {
    const at = this.options.now();
    const [type, resources] = [event.get('EventType'), event.get('Resources')];
    const kind = KINDS.get(type);
    if (kind === undefined) return undefined;
    if (!Array.isArray(resources) || !resources.some((name) => sameName(name, this.#ownName))) {
      return undefined;
    }
    // Empty once the event has started.
    const deadline = timeOf(event.get('NotBefore'));
    if (deadline !== null && deadline > at + NEAR_MS) return undefined;
    const detail = [
      type,
      event.get('EventStatus'),
      event.get('NotBefore'),
      event.get('Description'),
    ]
      .filter((text) => typeof text === 'string' && text !== '')
      .join(', ');
    return { kind, at, deadline, detail };
  }
}

function sameName(name: unknown, own: string | undefined): boolean {
  return typeof name === 'string' && name.toLowerCase() === own?.toLowerCase();
}
