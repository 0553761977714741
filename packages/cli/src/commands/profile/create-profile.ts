import { prepareJob } from '@shardmill/client/jobs';
import type { Services } from '@shardmill/client/services';
import { isS3, resolveLocation, shellWord } from '@shardmill/core';
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

/**
 * Profiles a data set as a job sees it, into a file or an object, from where a fleet reads it as well.
 * @throws what a run throws; URI_UNSUPPORTED, OUTPUT_NOT_WRITABLE, STORE_…
 */
export async function createProfile(
  reference: string,
  { output, param, input }: CreateProfileFlags,
  terminal: Terminal,
  { createProfile: create, stores }: Pick<Services, 'createProfile' | 'stores'>,
): Promise<Result> {
  const prepared = await prepareJob(reference, { param, input }, terminal.cwd);
  const location = resolveLocation(output, terminal.cwd);
  const target = isS3(location) ? stores.objectAt(location) : undefined;
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
    if (target === undefined) await writeWhole(location, content);
    else await target.store.replace(target.key, content);
    const { features, outputs } = profile;
    const columns = `${plural(features.columns.length, 'feature')} and ${plural(outputs.columns.length, 'output')}`;
    return {
      json: () => profile,
      text: ({ colors, cwd }) =>
        `${colors.green('✓')} ${columns} of ${plural(rows.read, 'row')} → ${shellWord(shortPath(location, cwd))}`,
    };
  } finally {
    interrupts.close();
    display.close();
  }
}
