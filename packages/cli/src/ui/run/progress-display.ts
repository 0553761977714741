import type { RunProgress } from '@shardmill/client/local-run';
import type { Terminal } from '../../terminal.js';
import { plainProgressLine, type ProgressView, progressLine } from './progress-line.js';
import { addToRate, type RateState, rateAt, startRate } from './progress-rate.js';
import { truncate, wrapText } from '../text/text-layout.js';

const NOTICE_INDENT = 2;
const REDRAW_MS = 100;
const PLAIN_LINE_MS = 5000;
/** The first plain line comes as soon as rows are done, but a run that is shorter has none. */
const FIRST_LINE_MS = 2500;

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\r\x1b[2K';
const CLEAR_REST = '\x1b[K';

/**
 * The progress of a run on standard error: one line that is drawn again at most ten times a second
 * on a terminal, a line every five seconds elsewhere, the first one as soon as rows are done.
 */
export class ProgressDisplay {
  readonly #terminal: Terminal;
  readonly #name: string;
  readonly #now: () => number;
  #waits: string | undefined;
  #progress: RunProgress | undefined;
  #rate: RateState = [];
  #drawn = '';
  #cursorHidden = false;
  #timer: NodeJS.Timeout | undefined;
  #nextPlainMs: number;
  /** Until a line is written: when one may be, where rows are done. */
  #firstLineMs: number;
  readonly #showCursor = (): void => {
    if (this.#cursorHidden) this.#terminal.err(this.#terminal.own(CLEAR_LINE + SHOW_CURSOR));
    this.#cursorHidden = false;
  };

  constructor(terminal: Terminal, name: string, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#name = name;
    this.#now = now;
    this.#nextPlainMs = now() + PLAIN_LINE_MS;
    this.#firstLineMs = now() + FIRST_LINE_MS;
    // A second Ctrl-C ends the process from within: the cursor must come back.
    if (terminal.live) process.once('exit', this.#showCursor);
  }

  update(progress: RunProgress): void {
    const now = this.#now();
    this.#rate =
      this.#progress === undefined
        ? addToRate(
            startRate(now - progress.elapsedMs, progress.rowsResumed),
            now,
            progress.rowsDone,
          )
        : addToRate(this.#rate, now, progress.rowsDone);
    this.#progress = progress;
    if (progress.rowsDone > progress.rowsResumed) {
      this.#nextPlainMs = Math.min(this.#nextPlainMs, this.#firstLineMs);
    }
    this.#start();
  }

  /** What the run waits for before it is planned, until there is progress. */
  waits(text: string): void {
    // Also in a log it is seen at once that nothing is scored yet.
    if (this.#waits === undefined) this.#nextPlainMs = this.#now();
    this.#waits = text;
    this.#start();
  }

  /** Lines of their own, wrapped to the width; the progress line goes on below them. */
  notice(text: string): void {
    const line = wrapText(text, this.#terminal.errStyle.width, NOTICE_INDENT, 0);
    if (!this.#terminal.live) {
      this.#terminal.err(`${line}\n`);
      return;
    }
    const { err, own } = this.#terminal;
    err(this.#drawn === '' ? `${line}\n` : `${own(CLEAR_LINE)}${line}\n${this.#drawn}`);
  }

  /** Takes the line away and gives the cursor back. */
  close(): void {
    clearInterval(this.#timer);
    process.off('exit', this.#showCursor);
    this.#showCursor();
    this.#drawn = '';
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tick(), REDRAW_MS);
    this.#timer.unref();
    this.#tick();
  }

  #tick(): void {
    const now = this.#now();
    if (this.#progress === undefined) {
      if (this.#waits !== undefined) this.#show(`${this.#name}: waiting ${this.#waits}`, now);
      return;
    }
    const rowsPerSecond = rateAt(this.#rate, now);
    const view: ProgressView = { name: this.#name, progress: this.#progress, rowsPerSecond };
    if (this.#terminal.live) {
      const { width, colors } = this.#terminal.errStyle;
      // The last column stays free: some terminals begin a new line after it.
      this.#draw(progressLine(view, width - 1, colors));
    } else this.#show(plainProgressLine(view), now);
  }

  /** A text without a layout: cut to the width on a terminal, a line now and then elsewhere. */
  #show(text: string, now: number): void {
    if (this.#terminal.live) this.#draw(truncate(text, this.#terminal.errStyle.width - 1));
    else if (now >= this.#nextPlainMs) {
      this.#nextPlainMs = now + PLAIN_LINE_MS;
      this.#firstLineMs = Infinity;
      this.#terminal.err(`${text}\n`);
    }
  }

  #draw(line: string): void {
    if (line === this.#drawn) return;
    const { err, own } = this.#terminal;
    err(`${own(`${this.#cursorHidden ? '' : HIDE_CURSOR}\r`)}${line}${own(CLEAR_REST)}`);
    this.#cursorHidden = true;
    this.#drawn = line;
  }
}
