import { plural } from './text/format.js';
import { shortPath } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import { fieldLines } from './text/text-layout.js';

/** What `dev` says first: what is there, and what to try. */
export function devGreeting(
  dev: {
    readonly redis: string;
    readonly state: string;
    readonly workers: number;
    readonly pool: string;
    /** One of the project's jobs. */
    readonly job: string | undefined;
  },
  { colors, cwd }: Style,
): string {
  const job = dev.job ?? 'JOB';
  return [
    colors.bold('shardmill dev') + colors.dim('  a fleet on this machine, until Ctrl-C'),
    '',
    ...fieldLines(
      [
        ['redis', dev.redis],
        ['state', shortPath(dev.state, cwd)],
        ['there are', `1 scheduler, ${plural(dev.workers, 'worker')} of pool ${dev.pool}`],
        [
          'try',
          `shardmill submit ${job} --wait   ${colors.dim('in another terminal, in this folder')}`,
        ],
        ['', 'shardmill workers'],
        ['', 'shardmill runs'],
      ],
      colors.dim,
    ),
    '',
    '',
  ].join('\n');
}
