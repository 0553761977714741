import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createRandom } from '../random.js';
import { forwarder, passOn, readAway } from './forward-request.js';
import { bucketAndKey, countBody, type ProxiedRequest, proxiedRequest } from './proxied-request.js';
import {
  checkRates,
  ERROR_ANSWERS,
  errorBody,
  faultAt,
  S3_FAULTS,
  type S3Fault,
  type S3FaultRates,
} from './s3-faults.js';

export interface S3FaultProxyOptions {
  /** The endpoint that requests are passed on to. */
  readonly target: string;
  readonly seed?: number;
  readonly faults?: S3FaultRates;
  /** The longest that an answer is late; each is by a random time below it. Default 200. */
  readonly slowAnswerMs?: number;
  /**
   * The target's client: makes it a store that ignores If-None-Match, by deleting before each such
   * PUT what is there. (The condition is signed: the proxy cannot strip it.)
   */
  readonly ignoreConditions?: S3Client;
}

type Matches = (request: ProxiedRequest) => boolean;

/** A request that is on its way for as long as a test wants. */
export interface HeldRequest {
  readonly arrived: boolean;
  /** Passes it on, unless its client has gone away. */
  release(): void;
}

export interface S3FaultProxy {
  readonly endpoint: string;
  /** Changes the rates that are named; the others stay. @throws RangeError */
  setFaults(rates: S3FaultRates): void;
  /** Does this to the next request that matches, whatever the rates say. */
  failNext(fault: S3Fault, matches?: Matches): void;
  /** Keeps the next request that matches from the target until it is released. */
  holdNext(matches: Matches): HeldRequest;
  /** How often each fault really fired. */
  counts(): Record<S3Fault, number>;
  /** Every request so far, in order of arrival. */
  requests(): readonly ProxiedRequest[];
  /** How many clients are connected. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** A body of unknown length is cut below this one, or not at all. */
const MIN_CHUNKED_BYTES = 200;

/**
 * Starts a proxy before S3, on loopback, that injects faults by chance. It passes every header on
 * as it came, the signed `Host` too. The same seed draws the same faults for the same order of
 * requests.
 */
export async function startS3FaultProxy(options: S3FaultProxyOptions): Promise<S3FaultProxy> {
  const random = createRandom(options.seed ?? 1);
  const rates = { ...options.faults };
  checkRates(rates);
  const due: { fault: S3Fault; matches: Matches }[] = [];
  const holds: Hold[] = [];
  const log: ProxiedRequest[] = [];
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const forward = forwarder(options.target);

  async function serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const request = proxiedRequest(incoming);
    log.push(request);
    // Drawn for every request, so that one that is forced does not shift those after it.
    const drawn = faultAt(rates, random.uniform());
    const amount = random.uniform();
    const next = due.findIndex(({ matches }) => matches(request));
    const fault = next === -1 ? drawn : due.splice(next, 1)[0]?.fault;
    const hold = holds.find((one) => !one.arrived && one.matches(request));
    if (hold !== undefined) {
      hold.arrived = true;
      await hold.released;
      if (answer.closed) return;
    }
    const { ignoreConditions } = options;
    if (ignoreConditions !== undefined && request.ifNoneMatch !== undefined) {
      await ignoreConditions.send(new DeleteObjectCommand(bucketAndKey(request)));
    }
    countBody(incoming, request);
    await act(fault, amount, request, incoming, answer);
  }

  async function act(
    fault: S3Fault | undefined,
    amount: number,
    request: ProxiedRequest,
    incoming: IncomingMessage,
    answer: ServerResponse,
  ): Promise<void> {
    if (fault === 'error500' || fault === 'slowDown') {
      request.fault = fault;
      await readAway(incoming);
      answerError(answer, ERROR_ANSWERS[fault]);
      return;
    }
    if (fault === 'reset') {
      request.fault = fault;
      incoming.socket.destroy();
      return;
    }
    const response = await forward(incoming, answer, request);
    if (fault === 'lateError500' || fault === 'lostAnswer') {
      await readAway(response);
      request.fault = fault;
      if (fault === 'lostAnswer') incoming.socket.destroy();
      else answerError(answer, ERROR_ANSWERS.error500);
    } else if (fault === 'truncatedBody' && request.method === 'GET') {
      const length = Number(response.headers['content-length'] ?? MIN_CHUNKED_BYTES);
      const whole = await passOn(response, answer, request, Math.floor(amount * length));
      if (!whole) request.fault = fault;
    } else if (fault === 'slowAnswer') {
      request.fault = fault;
      await sleep(amount * (options.slowAnswerMs ?? 200), undefined, { signal: closing.signal });
      await passOn(response, answer, request);
    } else {
      await passOn(response, answer, request);
    }
  }

  const server = createServer((incoming, answer) => {
    // A connection that broke, on either side: the other side shall see it break.
    serve(incoming, answer).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', 1024, resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setFaults(changed) {
      checkRates({ ...rates, ...changed });
      Object.assign(rates, changed);
    },
    failNext(fault, matches = () => true) {
      due.push({ fault, matches });
    },
    holdNext(matches) {
      const hold = newHold(matches);
      holds.push(hold);
      return hold;
    },
    counts() {
      const fired = (fault: S3Fault): number => log.filter((entry) => entry.fault === fault).length;
      return Object.fromEntries(S3_FAULTS.map((fault) => [fault, fired(fault)])) as Record<
        S3Fault,
        number
      >;
    },
    requests: () => log,
    connections: () => promisify(server.getConnections.bind(server))(),
    async close() {
      const closed = new Promise((done) => server.close(done));
      closing.abort();
      for (const hold of holds) hold.release();
      server.closeAllConnections();
      forward.close();
      await closed;
    },
  };
}

interface Hold {
  readonly matches: Matches;
  arrived: boolean;
  readonly released: Promise<void>;
  readonly release: () => void;
}

function newHold(matches: Matches): Hold {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { matches, arrived: false, released, release };
}

function answerError(
  answer: ServerResponse,
  error: { status: number; code: string; message: string },
): void {
  const body = errorBody(error);
  answer.writeHead(error.status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  });
  answer.end(body);
}
