import { type Prices, type Stores, toShardmillError } from '@shardmill/core';
import type { FleetProcess, RunView } from '@shardmill/queue';
import { hasEnded, type RegisteredRun, type RunRegistry, statusOf } from '@shardmill/scheduler';
import type { RunSnapshot } from './run-snapshot.js';

/** A view that no scheduler has renewed for so long says nothing about now. */
const FRESH_MS = 15_000;
/** How often the log of the run is read while the schedulers publish its view. */
const LOG_MS = 5000;
/** How often the stores are read where no scheduler publishes a view of the run. */
const OBJECTS_MS = 3000;

/** What is read of a fleet; a `Fleet` is one. */
export interface RunSource {
  readonly registry: RunRegistry;
  readonly stores: Pick<Stores, 'open'>;
  readonly prices?: Prices | undefined;
  /** The view of a run that the schedulers publish. @throws REDIS_UNREACHABLE */
  view(run: string): Promise<RunView | undefined>;
  /** @throws REDIS_UNREACHABLE */
  processes(): Promise<FleetProcess[]>;
}

/**
 * Observes one run: by the view that the schedulers publish where they do, else by what lies in the
 * stores. Whether it has ended is only ever taken from its log.
 */
export class RunObserver {
  #run: RegisteredRun;
  #logReadAt = 0;
  #objects: { readonly view: RunView; readonly at: number } | undefined;
  /** `at` of the last view, and when it was first seen: clocks of machines may differ. */
  #published: { readonly at: number; readonly seenAt: number } | undefined;

  constructor(
    readonly source: RunSource,
    run: RegisteredRun,
    readonly now: () => number = Date.now,
  ) {
    this.#run = run;
  }

  /** The state of the run when its log was read last. */
  get run(): RegisteredRun {
    return this.#run;
  }

  get ended(): boolean {
    return hasEnded(this.#run);
  }

  /** @throws STORE_…, PLAN_MISMATCH; never for Redis. */
  async observe(): Promise<RunSnapshot> {
    const [view, processes] = await Promise.all([
      orAway(this.source.view(this.#run.request.run)),
      orAway(this.source.processes()),
    ]);
    const published = view.answer;
    const fresh = published !== undefined && this.#isFresh(published) ? published : undefined;
    const present = { processes: processes.answer, redisTrouble: processes.trouble };
    const now = this.now();
    const endPublished = fresh === undefined || fresh.endedAt !== null;
    if (endPublished || now - this.#logReadAt >= LOG_MS) {
      this.#run = await this.source.registry.refresh(this.#run);
      this.#logReadAt = now;
    }
    // A view of an end that the log does not know is one of an earlier round.
    if (fresh !== undefined && !this.ended && fresh.endedAt === null) {
      return { view: fresh, from: 'scheduler', ...present };
    }
    return { view: await this.#viewFromObjects(now), from: 'objects', ...present };
  }

  #isFresh({ at }: RunView): boolean {
    const now = this.now();
    if (this.#published === undefined) {
      // The first one is judged by its date; later ones by whether they change.
      this.#published = { at, seenAt: Math.abs(now - at) < FRESH_MS ? now : -Infinity };
    }
    if (this.#published.at !== at) this.#published = { at, seenAt: now };
    return now - this.#published.seenAt < FRESH_MS;
  }

  async #viewFromObjects(now: number): Promise<RunView> {
    if (this.#objects === undefined || this.ended || now - this.#objects.at >= OBJECTS_MS) {
      const { registry, stores, prices } = this.source;
      const { run } = this.#run.request;
      const view = await statusOf(registry, stores, run, new Date(now), prices);
      this.#objects = { view, at: now };
    }
    return this.#objects.view;
  }
}

interface RedisAnswer<T> {
  readonly answer?: T;
  readonly trouble?: string;
}

/** The answer, or what is wrong where Redis does not give one. @throws any other error */
async function orAway<T>(answer: Promise<T>): Promise<RedisAnswer<T>> {
  try {
    return { answer: await answer };
  } catch (thrown) {
    const { code, message } = toShardmillError(thrown);
    if (code !== 'REDIS_UNREACHABLE') throw thrown;
    return { trouble: message };
  }
}
