import {
  footerParser,
  inputReader,
  type InputFile,
  isS3,
  mapConcurrent,
  readFooter,
  type Stores,
} from '@shardmill/core';

const FOOTERS_AT_ONCE = 32;

/**
 * Reads footers as a plan does, before DuckDB takes whatever a file claims; those in S3 are checked
 * as they are staged. @throws INPUT_NOT_PARQUET, INPUT_FOOTER_TOO_LARGE, INPUT_UNREADABLE
 */
export async function checkFooters(files: readonly InputFile[], stores: Stores): Promise<void> {
  const read = inputReader(stores);
  const parse = footerParser({ used: [], predicate: [] });
  const local = files.filter(({ uri }) => !isS3(uri));
  await mapConcurrent(local, FOOTERS_AT_ONCE, async (file) => {
    await readFooter(read, file, parse);
  });
}
