import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@shardmill/test-kit';
import { childrenOf } from '../support/processes.js';
import { FaultBag } from './fault-bag.js';
import { type Fleet, signal } from './fleet.js';

const processFaults = [
  'kill worker',
  'kill engine',
  'terminate worker',
  'freeze worker',
  'kill scheduler',
  'freeze scheduler',
  'restart redis',
  'flush redis',
] as const;
export type ProcessFault = (typeof processFaults)[number];

interface StormedRedis {
  /** Ends it at once and starts it again, with what it had kept. */
  restart(): Promise<void>;
  flushAll(): Promise<void>;
}

export interface DriverOptions {
  readonly fleet: Fleet;
  readonly redis: StormedRedis;
  readonly random: Random;
  /** Longer than a lock lives. */
  readonly frozenMs: number;
  readonly pauseMs: { readonly least: number; readonly most: number };
}

/** Does one harm after another to the processes of a fleet, by a seed. */
export class ProcessFaults {
  readonly bag: FaultBag<ProcessFault>;
  readonly #thaws = new Map<() => void, NodeJS.Timeout>();
  readonly #restarts = new Set<NodeJS.Timeout>();

  constructor(readonly options: DriverOptions) {
    this.bag = new FaultBag(processFaults, options.random);
  }

  /** Harms until `signal` is aborted; then everything runs again. */
  async drive(stop: AbortSignal): Promise<void> {
    const { random, pauseMs } = this.options;
    while (!stop.aborted) {
      const pause = pauseMs.least + random.uniform() * (pauseMs.most - pauseMs.least);
      await sleep(pause, undefined, { signal: stop }).catch(() => {});
      if (stop.aborted) break;
      const kind = this.bag.draw();
      if (await this.#harm(kind)) this.bag.count(kind);
    }
    for (const [thaw, timer] of this.#thaws) {
      clearTimeout(timer);
      thaw();
    }
    for (const timer of this.#restarts) clearTimeout(timer);
    this.options.fleet.start();
  }

  /** @returns whether it happened: there may be no process to harm just then. */
  async #harm(kind: ProcessFault): Promise<boolean> {
    const { fleet, redis } = this.options;
    switch (kind) {
      case 'kill worker':
        return this.#end(this.#pick(fleet.pids('worker')), 'SIGKILL');
      case 'terminate worker':
        return this.#end(this.#pick(fleet.pids('worker')), 'SIGTERM');
      case 'kill scheduler':
        return this.#end(this.#pick(fleet.pids('scheduler')), 'SIGKILL');
      case 'kill engine': {
        const engines = await Promise.all(fleet.pids('worker').map(childrenOf));
        const engine = this.#pick(engines.flat());
        return engine !== undefined && signal(engine, 'SIGKILL');
      }
      case 'freeze worker':
        return this.#freeze(this.#pick(fleet.pids('worker')));
      case 'freeze scheduler':
        return this.#freeze(this.#pick(fleet.pids('scheduler')));
      case 'restart redis':
        await redis.restart();
        return true;
      case 'flush redis':
        await redis.flushAll();
        return true;
      default: {
        const unknown: never = kind;
        return unknown;
      }
    }
  }

  #pick(pids: readonly number[]): number | undefined {
    return pids[this.options.random.integer(Math.max(1, pids.length))];
  }

  /** Ends a process; another one takes its place after a while. */
  #end(pid: number | undefined, how: NodeJS.Signals): boolean {
    if (pid === undefined || !signal(pid, how)) return false;
    const timer = setTimeout(
      () => {
        this.#restarts.delete(timer);
        this.options.fleet.start();
      },
      200 + this.options.random.uniform() * 1500,
    );
    this.#restarts.add(timer);
    return true;
  }

  async #freeze(pid: number | undefined): Promise<boolean> {
    if (pid === undefined) return false;
    const thaw = await this.options.fleet.freeze(pid);
    const timer = setTimeout(() => {
      this.#thaws.delete(thaw);
      thaw();
    }, this.options.frozenMs);
    this.#thaws.set(thaw, timer);
    return true;
  }
}
