import { z } from 'zod';
import type { RedisLink } from '../connection/redis-link.js';
import type { BullQueue } from './bull-queue.js';

/** BullMQ's answer to a worker that asks for work. */
export type Fetched =
  | {
      readonly kind: 'job';
      readonly id: string;
      /** JSON. */
      readonly data: string;
      /** Why the queue gives this shard up, if it does: it is not to be worked on. */
      readonly givenUp: string | undefined;
    }
  /** Something was taken and locked that is no job at all: its very envelope cannot be read. */
  | { readonly kind: 'damaged' }
  /** Nothing waits; `nextAt` (ms since 1970) is when the first delayed one is due. */
  | { readonly kind: 'none'; readonly nextAt: number | undefined };

/**
 * Redis holds the request for so long while there is no work. BullMQ's sign of work goes to one
 * waiting worker, and is lost where that one has just stopped or died: the others then ask again.
 */
const WAIT_MS = 500;
const MIN_WAIT_MS = 10;

/** Where shards come from: BullMQ's script, and the marker by which it signals that work is there. */
export class ShardSource {
  constructor(
    readonly bull: BullQueue,
    /** Connection for waiting: one that waits can do nothing else. */
    readonly line: RedisLink,
  ) {}

  /** The next shard, under a lock that `token` proves to be ours. @throws REDIS_UNREACHABLE */
  async fetch(token: string): Promise<Fetched> {
    return this.bull.link.run(async () => {
      try {
        return readFetched(await this.bull.scripts.moveToActive(token));
      } catch (error) {
        // BullMQ parses what it has just taken, and throws it away where that fails.
        if (error instanceof SyntaxError) return { kind: 'damaged' };
        throw error;
      }
    });
  }

  /** Ends when there may be work. @throws REDIS_UNREACHABLE */
  async wait(nextAt: number | undefined, now: number): Promise<void> {
    const untilNext = nextAt === undefined ? WAIT_MS : nextAt - now;
    const ms = Math.max(MIN_WAIT_MS, Math.min(untilNext, WAIT_MS));
    await this.line.run(() => this.line.client.bzpopmin(this.bull.key('marker'), ms / 1000));
  }
}

const jobSchema = z.object({ data: z.string(), deferredFailure: z.string().optional() });

/** @param answer job or null, its id, a rate limit, time of the next delayed job */
function readFetched(answer: readonly unknown[]): Fetched {
  const [json, id, , nextAt] = answer;
  const job = jobSchema.safeParse(json);
  if (job.success && typeof id === 'string') {
    return { kind: 'job', id, data: job.data.data, givenUp: job.data.deferredFailure };
  }
  const due = z.number().positive().safeParse(nextAt);
  return { kind: 'none', nextAt: due.success ? due.data : undefined };
}
