import { fileURLToPath } from 'node:url';
import { ShardmillError } from '@shardmill/core';
import { readDevFile, removeDevFile, writeDevFile } from '@shardmill/client/dev-file';
import type { Settings } from '@shardmill/client/load-settings';
import { environmentOf } from '@shardmill/client/settings';
import { Child } from '../dev/child.js';
import { startDevRedis } from '../dev/dev-redis.js';
import { listJobs } from '@shardmill/client/jobs';
import type { Result } from '../result.js';
import { untilStopped } from '../serve/until-stopped.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { devGreeting } from '../ui/dev-greeting.js';
import { withoutPassword } from '../ui/settings-report.js';

export interface DevFlags {
  readonly workers: number;
}

const PROGRAM = fileURLToPath(new URL('../../bin/shardmill.js', import.meta.url));

/**
 * A fleet for trying things: Redis (one of its own unless one is named), a scheduler and workers on
 * this machine, until Ctrl-C. Other commands of the project find it by themselves.
 * @throws REDIS_UNREACHABLE where no Redis is installed; USAGE where it runs already
 */
export async function develop(
  flags: DevFlags,
  terminal: Terminal,
  { settings }: Pick<Services, 'settings'>,
): Promise<Result> {
  const running = await readDevFile(settings.project);
  if (running !== undefined) {
    throw new ShardmillError('USAGE', `shardmill dev runs here already (process ${running.pid})`, {
      where: settings.project,
      remedy: 'End it first, or use it: other commands in this folder find it by themselves.',
    });
  }
  const own = settings.isGiven('redis.url') ? undefined : await startDevRedis(terminal.env);
  const redis = own?.url ?? settings.get('redis.url');
  const state = settings.get('state.uri');
  const children: Child[] = [];
  try {
    await writeDevFile(settings.project, { pid: process.pid, redis, state });
    const env = {
      ...(settings.isGiven('worker.memoryLimit') ? {} : shareOfMemory(flags.workers)),
      ...childEnvironment(settings, terminal, { redis, state }),
    };
    const say = sayWith(terminal, flags.workers);
    const start = (label: string, ...args: string[]): Child => {
      const options = { label, program: process.execPath, args: [PROGRAM, ...args] };
      const child = new Child({ ...options, env, onLine: say, tie: 'channel' });
      void child.ended.then((how) => say(label, `has ended: ${how}`));
      return child;
    };
    terminal.out(
      devGreeting(
        {
          redis: withoutPassword(redis),
          state,
          workers: flags.workers,
          pool: settings.get('worker.pool'),
          job: listJobs(terminal.cwd)[0],
        },
        terminal.outStyle,
      ),
    );
    children.push(start('scheduler', 'scheduler'));
    for (let n = 1; n <= flags.workers; n++) children.push(start(`worker ${n}`, 'worker'));
    const allEnded = Promise.all(children.map(({ ended }) => ended)).then(() => 'all have ended');
    await untilStopped(allEnded, async () => {
      say('dev', 'ending all of it');
      await Promise.all(children.map((child) => child.stop()));
    });
  } finally {
    await Promise.all(children.map((child) => child.stop('SIGKILL')));
    await removeDevFile(settings.project);
    await own?.close();
  }
  return { text: () => '' };
}

/** Workers of one machine do not know of each other: together they take what one would. */
function shareOfMemory(workers: number): Record<string, string> {
  return { [environmentOf('worker.memoryLimit')]: `${Math.max(1, Math.floor(80 / workers))}%` };
}

/** Every setting that was given reaches the children, too. */
function childEnvironment(
  settings: Settings,
  terminal: Terminal,
  { redis, state }: { readonly redis: string; readonly state: string },
): Record<string, string | undefined> {
  const flags = settings
    .entries()
    .filter(({ origin }) => origin.kind === 'flag')
    .map(({ name, value }) => [environmentOf(name), String(value)]);
  return {
    ...terminal.env,
    ...Object.fromEntries(flags),
    ...(settings.file === undefined ? {} : { SHARDMILL_CONFIG: settings.file }),
    [environmentOf('redis.url')]: redis,
    [environmentOf('state.uri')]: state,
    [environmentOf('scheduler.statusPort')]: 'none',
    [environmentOf('worker.statusPort')]: 'none',
    [environmentOf('log.format')]: settings.get('log.format') ?? 'pretty',
    ...(terminal.errStyle.colors.isColorSupported ? { FORCE_COLOR: '1' } : {}),
  };
}

/** Writes a line of a child behind its name; the names are of one width and each of one colour. */
function sayWith(terminal: Terminal, workers: number): (label: string, line: string) => void {
  const { colors } = terminal.errStyle;
  const width = Math.max('scheduler'.length, `worker ${workers}`.length);
  const tints = [colors.cyan, colors.magenta, colors.blue, colors.green, colors.yellow];
  const known = new Map<string, (text: string) => string>();
  return (label, line) => {
    const tint = known.get(label) ?? tints[known.size % tints.length] ?? colors.dim;
    known.set(label, tint);
    // A child shows what came from outside as text itself: its colours are its own.
    terminal.err(`${tint(`${label.padEnd(width)} │`)} ${terminal.own(line)}\n`);
  };
}
