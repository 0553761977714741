import path from 'node:path';
import { prepareJob } from '@shardmill/client/jobs';
import type { Services } from '@shardmill/client/services';
import { shellWord } from '@shardmill/core';
import { watchInterrupts } from '../../interrupts.js';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { ProgressDisplay } from '../../ui/run/progress-display.js';
import { plural } from '../../ui/text/format.js';
import { shortPath } from '../../ui/text/shorten-paths.js';
import { writeWhole } from '../../write-whole.js';

export interface CreateProfileFlags {
  readonly output: string;
  readonly param?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
}

/** Profiles a data set as a job sees it, into a file. @throws what a run throws; OUTPUT_NOT_WRITABLE */
export async function createProfile(
  reference: string,
  { output, param, input }: CreateProfileFlags,
  terminal: Terminal,
  { createProfile: create, stores }: Pick<Services, 'createProfile' | 'stores'>,
): Promise<Result> {
  const prepared = await prepareJob(reference, { param, input }, terminal.cwd);
  const file = path.resolve(terminal.cwd, output);
  const display = new ProgressDisplay(terminal, prepared.job.name);
  const notice = (message: string): void =>
    display.notice(terminal.errStyle.colors.yellow(message));
  stores.onWaiting = notice;
  const interrupts = watchInterrupts(() => notice('stopping'));
  try {
    const { profile, content, rows } = await create(
      { prepared, signal: interrupts.signal },
      { planned: () => {}, progress: (progress) => display.update(progress), notice },
    );
    await writeWhole(file, content);
    const { features, outputs } = profile;
    const columns = `${plural(features.columns.length, 'feature')} and ${plural(outputs.columns.length, 'output')}`;
    return {
      json: () => profile,
      text: ({ colors, cwd }) =>
        `${colors.green('✓')} ${columns} of ${plural(rows.read, 'row')} → ${shellWord(shortPath(file, cwd))}`,
    };
  } finally {
    interrupts.close();
    display.close();
  }
}
