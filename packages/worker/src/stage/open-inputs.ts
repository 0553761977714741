import { inputCopier, inputReader, isS3, type Scoring, type Stores } from '@shardmill/core';
import type { InputFiles } from './input-files.js';
import { LocalInputs } from './local-inputs.js';
import { SparseInputs } from './sparse-inputs.js';

/**
 * The input of a run: its local files in place, its objects staged.
 * @param stagingFolder for what is fetched.
 */
export function openInputs(
  scoring: Pick<Scoring, 'input'>,
  stagingFolder: string,
  stores: Stores,
): InputFiles {
  const local = new LocalInputs();
  const remote = new SparseInputs(scoring, stagingFolder, inputReader(stores), inputCopier(stores));
  return {
    open(shard, signal) {
      const here = local.open(shard);
      const there = remote.open(shard, signal);
      return {
        pathOf: (uri) => (isS3(uri) ? there : here).pathOf(uri),
        stage: async (part) => {
          await here.stage(part);
          return there.stage(part);
        },
        check: (part) => here.check(part),
        close: () => there.close(),
      };
    },
  };
}
