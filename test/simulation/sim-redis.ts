import { ShardmillError } from '@shardmill/core';
import type {
  FleetEvent,
  FleetEvents,
  FleetProcess,
  Presence,
  RunView,
  RunViews,
} from '@shardmill/queue';
import type { SimProcess, World } from './world.js';

const SILENCE_MS = 15_000;

/** Events, presence and views; events get lost, doubled and late. */
export class SimRedis {
  awayUntil = 0;
  /** Shares of events, from 0 to 1. */
  lost = 0;
  doubled = 0;
  readonly #listeners = new Map<(event: FleetEvent) => void, SimProcess>();
  readonly #processes = new Map<string, { readonly said: FleetProcess; readonly at: number }>();
  readonly #views = new Map<string, RunView>();

  constructor(
    readonly world: World,
    readonly onView: (view: RunView) => void,
  ) {}

  get isAway(): boolean {
    return this.awayUntil > this.world.now;
  }

  /** @throws REDIS_UNREACHABLE */
  reach(): void {
    if (this.isAway) throw new ShardmillError('REDIS_UNREACHABLE', 'Redis does not answer');
  }

  flush(): void {
    this.#processes.clear();
    this.#views.clear();
  }

  events(process: SimProcess): FleetEvents {
    const { world } = this;
    return {
      publish: (event) => {
        if (this.isAway) return;
        for (const [listener, target] of this.#listeners) {
          const copies =
            (world.random() < this.lost ? 0 : 1) + Number(world.random() < this.doubled);
          for (let copy = 0; copy < copies; copy++) {
            const due = world.now + (world.random() < 0.2 ? world.random() * 3000 : 0);
            const inside = true;
            const what = 'shard' in event ? `${event.kind} ${event.shard}` : event.kind;
            void world.op(target, `hears ${what} of ${event.run}`, () => listener(event), {
              due,
              inside,
            });
          }
        }
      },
      subscribe: (listener) => {
        this.#listeners.set(listener, process);
        return () => this.#listeners.delete(listener);
      },
      close: async () => {},
    };
  }

  /** Hints only, which are read at once and are no operation of the world. */
  presence(): Presence {
    return {
      announce: async (said) => {
        if (!this.isAway) this.#processes.set(said.id, { said, at: this.world.now });
      },
      leave: async (id) => {
        this.#processes.delete(id);
      },
      list: async () => {
        this.reach();
        const since = this.world.now - SILENCE_MS;
        return [...this.#processes.values()]
          .filter(({ at }) => at >= since)
          .map(({ said }) => said);
      },
      close: async () => {},
    };
  }

  views(): RunViews {
    return {
      put: async (view) => {
        if (this.isAway) return;
        this.#views.set(view.run, view);
        this.onView(view);
      },
      get: async (run) => {
        this.reach();
        return this.#views.get(run);
      },
      close: async () => {},
    };
  }
}
