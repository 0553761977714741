import type { BoundText } from '@shardmill/core';

/** Tokens of the texts of some rows. */
export interface TokensView {
  readonly kind: 'tokens';
  /** Of all rows, one after the other. */
  readonly ids: Int32Array;
  readonly types: Uint8Array;
  /** Where each row begins, and one more for the end of the last. */
  readonly offsets: Int32Array;
  /** `TEXT_FAULTS` of each row. */
  readonly faults: Uint8Array;
  readonly rules: TextRules;
}

/** What is done with texts, of that which a plan says. */
export type TextRules = Pick<BoundText, 'maxLength' | 'tooLong' | 'pair'>;

/** What is to be said of a row beside its tokens. */
export const TEXT_FAULTS = { none: 0, null: 1, tooLong: 2 } as const;

/** Why the row cannot be scored. */
export function tokensFault(
  { faults, rules }: TokensView,
  row: number,
): { readonly isNull: boolean; readonly text: string } | undefined {
  if (faults[row] === TEXT_FAULTS.null) return { isNull: true, text: 'is null' };
  return faults[row] === TEXT_FAULTS.tooLong && rules.tooLong === 'reject'
    ? { isNull: false, text: `${withPair(rules)}has more than ${rules.maxLength} tokens` }
    : undefined;
}

const withPair = ({ pair }: TextRules): string =>
  pair === true ? 'with the second text of its pair ' : '';

/** The same tokens as the second column of a pair, of which a missing text is null. */
export function asSecondText(view: TokensView, texts: readonly (string | undefined)[]): TokensView {
  const faultOf = (text: string | undefined): number =>
    text === undefined ? TEXT_FAULTS.null : TEXT_FAULTS.none;
  return { ...view, faults: Uint8Array.from(texts, faultOf) };
}
