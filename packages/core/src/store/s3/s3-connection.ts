import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { ShardmillError } from '../../errors/shardmill-error.js';
import type { S3Options } from '../storage-options.js';
import { type RequestFailed, requestFailed } from './request-failed.js';
import { type RetryPolicy, withRetries } from './retry.js';
import { withoutLogin } from '../../text/without-login.js';
import { type S3Settings, s3Settings } from './s3-settings.js';

type Sdk = typeof import('@aws-sdk/client-s3');

const MAX_SOCKETS = 64;
/** A request that took so long without success is reported, and again after the same time. */
const REPORT_AFTER_MS = 4_000;

/**
 * The client of a process, made when it is first needed: loading the SDK takes a while. It counts
 * what goes over it, and after `close` nothing does.
 */
export class S3Connection {
  readonly traffic = { requests: 0, retries: 0, bytesRead: 0, bytesWritten: 0 };
  readonly #closing = new AbortController();
  #settings: S3Settings | undefined;
  #client: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  /** Called, at most every few seconds, while a request waits for a store that does not answer. */
  onWaiting: ((message: string) => void) | undefined;
  #reportedAt = -Infinity;

  constructor(
    readonly options: S3Options,
    readonly chance: Pick<RetryPolicy, 'now' | 'random'> = {
      now: () => performance.now(),
      random: Math.random,
    },
  ) {
    // Each request that is under way listens.
    setMaxListeners(0, this.#closing.signal);
  }

  /** @throws CONFIG_INVALID */
  get settings(): S3Settings {
    this.#settings ??= s3Settings(this.options, process.env);
    return this.#settings;
  }

  /**
   * Sends one request, once.
   * @throws RequestFailed where the store did not fulfil it, INTERRUPTED where this was closed.
   */
  async request<T>(
    send: (client: S3Client, sdk: Sdk, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.#requireOpen();
    this.#client ??= this.#connect();
    const { client, sdk } = await this.#client;
    this.traffic.requests++;
    try {
      return await send(client, sdk, this.#closing.signal);
    } catch (error) {
      this.#requireOpen(error);
      throw requestFailed(error);
    }
  }

  /** Tries until it succeeds, as long as the options allow. @throws as `withRetries` */
  async retrying<T>(attempt: (triesBefore: number) => Promise<T>): Promise<T> {
    let last: RequestFailed | undefined;
    const policy: RetryPolicy = {
      ...this.chance,
      retryForMs: this.settings.retryForMs,
      sleep: async (ms) => {
        await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
        this.#requireOpen();
      },
      onRetry: (failed) => {
        last = failed;
        this.traffic.retries++;
      },
    };
    const { onWaiting } = this;
    if (onWaiting === undefined) return withRetries(policy, attempt);
    const timer = setInterval(() => {
      // One of the many requests that wait for the same store reports it.
      if (performance.now() - this.#reportedAt < REPORT_AFTER_MS / 2) return;
      this.#reportedAt = performance.now();
      onWaiting(this.#describeWaiting(last));
    }, REPORT_AFTER_MS);
    timer.unref();
    try {
      return await withRetries(policy, attempt);
    } finally {
      clearInterval(timer);
    }
  }

  #describeWaiting(last: RequestFailed | undefined): string {
    const { endpoint, retryForMs } = this.settings;
    const where = endpoint === undefined ? 'S3' : `S3 at ${withoutLogin(endpoint)}`;
    const said = last === undefined ? 'no answer yet' : last.message;
    return `waiting for ${where}: ${said}; each request is tried again for ${retryForMs / 1000} s`;
  }

  /** Ends every request that is under way, and closes all sockets. */
  async close(): Promise<void> {
    this.#closing.abort();
    const connected = await this.#client?.catch(() => undefined);
    connected?.client.destroy();
  }

  async #connect(): Promise<{ sdk: Sdk; client: S3Client }> {
    const { endpoint, region, pathStyle, requestTimeoutMs } = this.settings;
    // It would warn of Node 20 on every command.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
    const sdk = await import('@aws-sdk/client-s3');
    const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
    const client = new sdk.S3Client({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      forcePathStyle: pathStyle,
      followRegionRedirects: true,
      // Its retries would repeat a conditional PUT that has taken effect, and report a conflict.
      maxAttempts: 1,
      // Every PUT brings its own SHA-256; the SDK's CRC32 would send a stream in chunks, which not
      // all stores take.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      expectContinueHeader: false,
      requestHandler: {
        connectionTimeout: requestTimeoutMs,
        socketTimeout: requestTimeoutMs,
        httpAgent: agent,
        httpsAgent: agent,
      },
      // The SDK would log to the console what it throws, too.
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    return { sdk, client };
  }

  #requireOpen(cause?: unknown): void {
    if (!this.#closing.signal.aborted) return;
    throw new ShardmillError('INTERRUPTED', 'the connection to the object store was closed', {
      cause,
    });
  }
}
