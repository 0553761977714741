import type { Footer, FooterRowGroup } from './parse-footer.js';

type FooterClaims = Pick<Footer, 'rows'> & {
  readonly rowGroups: readonly Pick<FooterRowGroup, 'end'>[];
};

/**
 * What a footer claims that a file of so many bytes cannot hold: data beyond its end, or more rows
 * than anything that writes files puts into so few bytes. Undefined where all may be true.
 */
export function lieAboutSize(footer: FooterClaims, fileBytes: number): string | undefined {
  for (const [index, { end }] of footer.rowGroups.entries()) {
    if (end > fileBytes) {
      return `row group ${index} claims bytes up to ${end} of a file of ${fileBytes}`;
    }
  }
  const most = fileBytes * MAX_ROWS_PER_BYTE;
  if (footer.rows > most) {
    return `the footer claims ${footer.rows} rows of a file of ${fileBytes} bytes; at most ${most} are believed`;
  }
  return undefined;
}

/**
 * One run-length encoded value stands for any number of rows. Writers begin a row group after at
 * most 64 Mi rows, and a row group with its part of the footer has more than 100 bytes.
 */
const MAX_ROWS_PER_BYTE = 2 ** 20;
