import { quoteText } from '@shardmill/core';

export { quoteName, quoteText } from '@shardmill/core';

/** A path as a literal for `read_parquet`, whose own wildcards are taken by their letters. */
export function quotePath(path: string): string {
  return quoteText(path.replaceAll(/[*?[]/g, (wildcard) => `[${wildcard}]`));
}
