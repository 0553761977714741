import type { RunSnapshot } from '@shardmill/client/fleet';
import type { Terminal } from '../../terminal.js';
import { LiveLines } from '../text/live-lines.js';
import { addToRate, type RateState, rateAt, startRate } from '../run/progress-rate.js';
import { plainWatchLine, watchLines, type WatchView } from './watch-lines.js';

const REDRAW_MS = 250;
const PLAIN_LINE_MS = 5000;

/**
 * A run that is watched, on standard error: some lines drawn in place on a terminal, a line every
 * five seconds elsewhere. It goes on drawing while nothing new is heard, and says so.
 */
export class WatchDisplay {
  readonly #live: LiveLines | undefined;
  readonly #timer: NodeJS.Timeout;
  #snapshot: RunSnapshot | undefined;
  #seenAt = 0;
  #rate: RateState = [];
  #nextPlainAt: number;

  /** @param now milliseconds since 1970. */
  constructor(
    readonly terminal: Terminal,
    readonly now: () => number = Date.now,
  ) {
    this.#live = terminal.live ? new LiveLines(terminal) : undefined;
    this.#nextPlainAt = now();
    this.#timer = setInterval(() => this.tick(), REDRAW_MS);
    this.#timer.unref();
  }

  update(snapshot: RunSnapshot): void {
    const now = this.now();
    const { rowsDone } = snapshot.view;
    // Rows of an attempt that failed are subtracted: the rate begins anew.
    const behind = this.#snapshot !== undefined && rowsDone < this.#snapshot.view.rowsDone;
    // The time before the first shard is worked on is no part of the speed.
    const idle = this.#rate.length <= 1 && snapshot.view.shards.active === 0;
    if (this.#snapshot === undefined || behind || idle) this.#rate = startRate(now, rowsDone);
    else this.#rate = addToRate(this.#rate, now, rowsDone);
    this.#snapshot = snapshot;
    this.#seenAt = now;
    this.tick();
  }

  /** A line that stays. */
  notice(line: string): void {
    if (this.#live !== undefined) this.#live.print(line);
    else this.terminal.err(`${line}\n`);
  }

  tick(): void {
    if (this.#snapshot === undefined) return;
    const now = this.now();
    const view: WatchView = {
      snapshot: this.#snapshot,
      rowsPerSecond: rateAt(this.#rate, now),
      ageMs: now - this.#seenAt,
      now,
    };
    const { errStyle } = this.terminal;
    if (this.#live !== undefined) {
      this.#live.draw(watchLines(view, errStyle.width - 1, errStyle.colors));
    } else if (now >= this.#nextPlainAt) {
      this.#nextPlainAt = now + PLAIN_LINE_MS;
      this.terminal.err(`${plainWatchLine(view)}\n`);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#live?.close();
  }
}
