import { askRepeatedly } from './ask-repeatedly.js';
import {
  fieldsOf,
  jsonOf,
  type MetadataAnswer,
  metadataRequest,
  timeOf,
} from './metadata-request.js';
import type { Notice, NoticeOptions, NoticeSource } from './notice.js';

const BASE_URL = 'http://169.254.169.254';
/** As AWS recommends; the notice comes two minutes ahead. */
const INTERVAL_MS = 5000;
const TIMEOUT_MS = 2000;
const TOKEN_SECONDS = 21_600;
/** How long before its end a token is renewed. */
const RENEW_MS = 60_000;

const INTERRUPTION = '/latest/meta-data/spot/instance-action';
const REBALANCE = '/latest/meta-data/events/recommendations/rebalance';

/**
 * Spot interruptions and rebalance recommendations of EC2, by the instance metadata service,
 * version 2. Neither path is there (404) as long as there is nothing to say.
 */
export class AwsNotices implements NoticeSource {
  readonly name = 'aws';
  #token: { readonly text: string; readonly until: number } | undefined;
  readonly #reported = new Set<string>();
  readonly #startedAt: number;

  constructor(readonly options: NoticeOptions) {
    this.#startedAt = options.now();
  }

  async watch(onNotice: (notice: Notice) => void, signal: AbortSignal): Promise<void> {
    const { log, intervalMs = INTERVAL_MS } = this.options;
    const ask = async (): Promise<void> => {
      await this.#ask(INTERRUPTION, interruptionOf, onNotice, signal);
      const read = (answer: MetadataAnswer, at: number): Notice | undefined =>
        rebalanceOf(answer, at, this.#startedAt);
      await this.#ask(REBALANCE, read, onNotice, signal);
    };
    await askRepeatedly(ask, { service: 'EC2 instance metadata', intervalMs, log, signal });
  }

  async #ask(
    path: string,
    read: (answer: MetadataAnswer, now: number) => Notice | undefined,
    onNotice: (notice: Notice) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const answer = await this.#get(path, signal);
    if (answer.status === 404) return;
    if (answer.status !== 200) throw new Error(`${path} answered with status ${answer.status}`);
    const notice = read(answer, this.options.now());
    if (notice === undefined || this.#reported.has(notice.detail)) return;
    this.#reported.add(notice.detail);
    onNotice(notice);
  }

  async #get(path: string, signal: AbortSignal): Promise<MetadataAnswer> {
    const answer = await this.#getWithToken(path, signal);
    if (answer.status !== 401) return answer;
    // A token may end before its time, for example when the instance was stopped meanwhile.
    this.#token = undefined;
    return this.#getWithToken(path, signal);
  }

  async #getWithToken(path: string, signal: AbortSignal): Promise<MetadataAnswer> {
    const token = await this.#currentToken(signal);
    return metadataRequest({
      url: this.#url(path),
      headers: { 'X-aws-ec2-metadata-token': token },
      timeoutMs: TIMEOUT_MS,
      signal,
    });
  }

  async #currentToken(signal: AbortSignal): Promise<string> {
    const { now } = this.options;
    if (this.#token !== undefined && now() < this.#token.until) return this.#token.text;
    const answer = await metadataRequest({
      url: this.#url('/latest/api/token'),
      method: 'PUT',
      headers: { 'X-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) },
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (answer.status !== 200) {
      throw new Error(`a token was refused with status ${answer.status}`);
    }
    const seconds = Number(answer.header('X-aws-ec2-metadata-token-ttl-seconds') ?? TOKEN_SECONDS);
    this.#token = { text: answer.text, until: now() + seconds * 1000 - RENEW_MS };
    return answer.text;
  }

  #url(path: string): string {
    return (this.options.baseUrl ?? BASE_URL) + path;
  }
}

/** `{"action": "terminate", "time": "2017-09-18T08:22:00Z"}`; also `stop` and `hibernate`. */
function interruptionOf(answer: MetadataAnswer, at: number): Notice {
  const fields = fieldsOf(jsonOf(answer));
  const [action, time] = [fields.get('action'), fields.get('time')];
  if (typeof action !== 'string') throw new Error(`an instance action says ${answer.text}`);
  const detail = `spot interruption: ${action} at ${String(time)}`;
  return { kind: 'interruption', at, deadline: timeOf(time), detail };
}

/**
 * `{"noticeTime": "2020-10-27T08:22:00Z"}`: when the notice was given, not its deadline. It stays,
 * and the machine may, too: a notice from before this process began was handled by another, and to
 * follow it for ever would leave a fleet without workers.
 */
function rebalanceOf(answer: MetadataAnswer, at: number, startedAt: number): Notice | undefined {
  const time = fieldsOf(jsonOf(answer)).get('noticeTime');
  const said = timeOf(time);
  if (said === null) throw new Error(`a rebalance recommendation says ${answer.text}`);
  if (said < startedAt) return undefined;
  const detail = `rebalance recommended at ${String(time)}`;
  return { kind: 'rebalance', at, deadline: null, detail };
}
