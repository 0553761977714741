import type { Terminal } from '../../terminal.js';
import { cutLine } from './text-layout.js';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_REST_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const END_OF_COLORS = '\x1b[0m';

/** Some lines at the end of standard error that are drawn again in place; for a live terminal. */
export class LiveLines {
  #drawn: readonly string[] = [];
  #cursorHidden = false;
  readonly #giveBack = (): void => this.clear();

  constructor(readonly terminal: Terminal) {
    // A second Ctrl-C ends the process from within: the cursor must come back.
    process.once('exit', this.#giveBack);
  }

  draw(lines: readonly string[]): void {
    // The last column stays free: some terminals begin a new line after it.
    const width = this.terminal.errStyle.width - 1;
    const cut = lines.map((line) => cutLine(line, width, this.terminal.own(END_OF_COLORS)));
    if (cut.length === this.#drawn.length && cut.every((line, i) => line === this.#drawn[i])) {
      return;
    }
    const { err, own } = this.terminal;
    const text = cut.map((line) => line + own(CLEAR_REST_OF_LINE)).join('\n');
    const before = `${this.#cursorHidden ? '' : HIDE_CURSOR}${this.#toTop()}`;
    err(`${own(before)}${text}${own(CLEAR_BELOW)}`);
    this.#cursorHidden = true;
    this.#drawn = cut;
  }

  /** A line that stays, above the others. */
  print(line: string): void {
    const below = this.#drawn;
    const { err, own } = this.terminal;
    err(`${own(this.#toTop())}${line}${own(CLEAR_REST_OF_LINE)}\n${own(CLEAR_BELOW)}`);
    this.#drawn = [];
    if (below.length > 0) this.draw(below);
  }

  /** Takes the lines away and gives the cursor back. */
  clear(): void {
    const { err, own } = this.terminal;
    if (this.#drawn.length > 0) err(own(this.#toTop() + CLEAR_BELOW));
    if (this.#cursorHidden) err(own(SHOW_CURSOR));
    this.#drawn = [];
    this.#cursorHidden = false;
  }

  close(): void {
    process.off('exit', this.#giveBack);
    this.clear();
  }

  /** To the beginning of the first line that is drawn. */
  #toTop(): string {
    const up = this.#drawn.length - 1;
    return up > 0 ? `\x1b[${up}A\r` : '\r';
  }
}
