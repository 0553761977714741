import { toShardmillError } from '@shardmill/core';

/** One thing that was checked, and how it is. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to fix; absent where all is well. */
  readonly remedy?: string | undefined;
}

export const ok = (what: string, found: string): Finding => ({ what, state: 'ok', found });
export const warn = (what: string, found: string, remedy: string): Finding => ({
  what,
  state: 'warn',
  found,
  remedy,
});
export const fail = (what: string, found: string, remedy: string): Finding => ({
  what,
  state: 'fail',
  found,
  remedy,
});

/** What an error says, as a finding. */
export function failedWith(what: string, thrown: unknown): Finding {
  const error = toShardmillError(thrown);
  const known = error.where === undefined || error.message.includes(error.where);
  const where = known ? '' : ` (${error.where})`;
  return fail(what, `${error.code} ${error.message}${where}`, error.remedy);
}
