import type { Scoring } from '@shardmill/core';

/** The most tokens of a row, padding included; undefined where no feature is made of tokens. */
export function rowTokens({ text }: Pick<Scoring, 'text'>): number | undefined {
  return text?.fixedLength ?? text?.maxLength;
}
