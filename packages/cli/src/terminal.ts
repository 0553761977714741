import { ownColors, ownSequences, writtenText } from './own-sequences.js';
import { colorsFor, type Style } from './ui/text/style.js';

/** Where a command writes: the result to `out`, everything else for people to `err`. */
export interface Terminal {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Control sequences as `out` and `err` let them through: all others are shown as text. */
  readonly own: (sequences: string) => string;
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** Standard error is a terminal whose lines can be drawn again. */
  readonly live: boolean;
}

/** Columns where the output is no terminal: a log, a pipe, a file. */
const PLAIN_WIDTH = 100;

export function processTerminal(argv: readonly string[]): Terminal {
  const cwd = process.cwd();
  const styleOf = (stream: NodeJS.WriteStream): Style => ({
    colors: ownColors(colorsFor({ isTTY: stream.isTTY, env: process.env, argv })),
    width: widthOf(stream),
    cwd,
  });
  return {
    cwd,
    env: process.env,
    out: (text) => process.stdout.write(writtenText(text)),
    err: (text) => process.stderr.write(writtenText(text)),
    own: ownSequences,
    // Read at each use: a window can be resized.
    get outStyle() {
      return styleOf(process.stdout);
    },
    get errStyle() {
      return styleOf(process.stderr);
    },
    live: process.stderr.isTTY && process.env['TERM'] !== 'dumb',
  };
}

function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY && stream.columns > 0 ? stream.columns : PLAIN_WIDTH;
}
