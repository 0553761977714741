import type { Style } from './ui/text/style.js';

/** What a command answers: printed on standard output in one of its two forms. */
export interface Result {
  /** The document for `--json`; absent for `--help` and `--version`. */
  readonly json?: () => unknown;
  /** The text for a person; empty for nothing. */
  readonly text: (style: Style) => string;
  /** 0 if absent. */
  readonly exitCode?: number;
}
