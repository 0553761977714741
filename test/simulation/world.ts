import { setImmediate as turn } from 'node:timers/promises';

/** A process of the simulated fleet: what it awaits comes only while it is alive and not frozen. */
export interface SimProcess {
  readonly id: string;
  readonly kind: 'scheduler' | 'worker' | 'engine' | 'client' | 'network';
  /** It is frozen with its parent, and ends with it. */
  readonly parent: SimProcess | undefined;
  diedAt: number | undefined;
  frozenAt: number | undefined;
  thawsAt: number;
}

interface Op {
  readonly process: SimProcess;
  readonly label: string;
  /** It does not happen before this time. */
  due: number;
  readonly isReady: () => boolean;
  /** Does it, and lets the process go on. */
  readonly run: () => void;
  /** Does it without an answer. */
  readonly runUnheard: () => void;
}

export interface OpOptions {
  readonly due?: number;
  readonly isReady?: () => boolean;
  /** Whether it happens in the process, and not to the world: it ends with the process. */
  readonly inside?: boolean;
}

/** Lines of what happened that are kept. */
const TRACE_LINES = Number(process.env['SHARDMILL_SIMULATION_TRACE'] ?? '150');

/** Milliseconds since 1970 at which every simulation begins. */
const BEGINNING = Date.UTC(2026, 0, 1);

/**
 * Time and order. Whatever a process awaits is an operation that happens as a whole when its turn
 * comes; whose turn it is, is drawn. Time passes only when it is drawn to, or nothing else can.
 */
export class World {
  now = BEGINNING;
  steps = 0;
  /** The latest steps, for the message of a failure. */
  readonly trace: string[] = [];
  readonly network: SimProcess = newProcess('network', 'network');
  /** Releases what the runtime would hold on to for ever, at the end of the world. */
  readonly leftovers = new Set<() => void>();
  #ops: Op[] = [];
  readonly #wakeTimes = new Set<number>();

  /** @param random from 0 up to, but not including, 1: decides everything that is open. */
  constructor(readonly random: () => number) {}

  /** Something that a process asks of the world outside it, which happens at some later step. */
  op<T>(
    process: SimProcess,
    label: string,
    effect: () => T,
    { due = 0, isReady = () => true, inside = false }: OpOptions = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#ops.push({
        process,
        label,
        due,
        isReady,
        run: () => {
          try {
            resolve(effect());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
        runUnheard: () => {
          if (inside) return;
          try {
            effect();
          } catch {
            // There is no answer to this, either.
          }
        },
      });
    });
  }

  sleep(process: SimProcess, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const due = this.now + ms;
    return new Promise<void>((resolve) => {
      const op: Op = {
        process,
        label: `slept ${ms}`,
        due,
        isReady: () => true,
        run: resolve,
        runUnheard: () => {},
      };
      this.#ops.push(op);
      signal.addEventListener('abort', () => (op.due = 0), { once: true });
    });
  }

  /** Makes time stop there on its way. */
  wakeAt(time: number): void {
    this.#wakeTimes.add(time);
  }

  isRunning({ diedAt, thawsAt, parent }: SimProcess): boolean {
    const runs = diedAt === undefined && thawsAt <= this.now;
    return runs && (parent === undefined || this.isRunning(parent));
  }

  freeze(process: SimProcess, ms: number): void {
    if (!this.isRunning(process)) return;
    process.frozenAt = this.now;
    process.thawsAt = this.now + ms;
    this.wakeAt(process.thawsAt);
    this.note(`${process.id} is frozen for ${ms} ms`);
  }

  /** Ends a process; what it had asked for may still happen, without an answer. */
  kill(process: SimProcess): void {
    if (process.diedAt !== undefined) return;
    process.diedAt = this.now;
    this.note(`${process.id} is killed`);
    const children = new Set(this.#ops.map((op) => op.process).filter((p) => p.parent === process));
    for (const child of children) this.kill(child);
    const [mine, others] = [
      this.#ops.filter((op) => op.process === process),
      this.#ops.filter((op) => op.process !== process),
    ];
    this.#ops = others;
    for (const op of mine) {
      if (op.isReady() && op.due <= this.now && this.random() < 0.5) {
        this.note(`${process.id}: ${op.label} (unheard)`);
        op.runUnheard();
      }
    }
  }

  note(what: string): void {
    this.trace.push(`${this.steps} +${((this.now - BEGINNING) / 1000).toFixed(1)}s ${what}`);
    if (this.trace.length > TRACE_LINES) this.trace.shift();
  }

  /** Lets one thing happen. @returns false where nothing can happen any more. */
  async step(): Promise<boolean> {
    this.steps++;
    const ready = this.#ops.filter(
      (op) => op.due <= this.now && this.isRunning(op.process) && op.isReady(),
    );
    const idle = ready.length === 0 || this.random() < 0.02;
    if (idle && this.#passTime()) return true;
    if (ready.length === 0) return false;
    const op = ready[Math.floor(this.random() * ready.length)];
    if (op === undefined) return false;
    this.#ops.splice(this.#ops.indexOf(op), 1);
    this.note(`${op.process.id}: ${op.label}`);
    op.run();
    // Whatever follows on it in that process, up to what it asks for next.
    await turn();
    return true;
  }

  /** @returns false where no time is waited for. */
  #passTime(): boolean {
    const times = [
      ...this.#ops.map((op) => Math.max(op.due, op.process.thawsAt)),
      ...this.#wakeTimes,
    ].filter((time) => time > this.now);
    if (times.length === 0) return false;
    this.now = Math.min(...times);
    for (const time of this.#wakeTimes) if (time <= this.now) this.#wakeTimes.delete(time);
    return true;
  }
}

export function newProcess(id: string, kind: SimProcess['kind'], parent?: SimProcess): SimProcess {
  return { id, kind, parent, diedAt: undefined, frozenAt: undefined, thawsAt: 0 };
}
