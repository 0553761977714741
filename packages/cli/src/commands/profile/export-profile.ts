import { exportProfile } from '@shardmill/client/export-profile';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import type { Services } from '@shardmill/client/services';
import { shellWord } from '@shardmill/core';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { plural } from '../../ui/text/format.js';
import { shortPath } from '../../ui/text/shorten-paths.js';

/** Writes the profile of a run as Parquet. @throws RUN_…, OUTPUT_NOT_WRITABLE */
export async function exportRunProfile(
  reference: string,
  target: string,
  { run }: { readonly run?: string | undefined },
  { cwd }: Pick<Terminal, 'cwd'>,
  services: Pick<Services, 'stores' | 'withEngine' | 'withFleet'>,
): Promise<Result> {
  const exported = await exportProfile(reference, target, { run, cwd }, services);
  const { runId, file, columns } = exported;
  return {
    json: () => ({ schemaVersion: DOCUMENT_VERSION, ...exported }),
    text: ({ colors }) =>
      `${colors.green('✓')} ${plural(columns, 'column')} of ${colors.dim(runId ?? reference)}\n\n  profile  ${shellWord(shortPath(file, cwd))}`,
  };
}
