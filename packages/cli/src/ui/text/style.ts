import picocolors from 'picocolors';

export const COLOR_NAMES = [
  'bold',
  'dim',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
] as const;

export type Colors = Pick<
  ReturnType<typeof picocolors.createColors>,
  'isColorSupported' | (typeof COLOR_NAMES)[number]
>;

/** How text is laid out for one stream. */
export interface Style {
  readonly colors: Colors;
  /** Columns to wrap at. */
  readonly width: number;
  /** Paths below it are shown relative to it. */
  readonly cwd: string;
}

/** NO_COLOR and --no-color win over FORCE_COLOR, and that over what the stream is. */
export function colorsFor(stream: {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
}): Colors {
  const { env, argv } = stream;
  if (env['NO_COLOR'] || argv.includes('--no-color')) return picocolors.createColors(false);
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  return picocolors.createColors(forced || (stream.isTTY && env['TERM'] !== 'dumb'));
}
