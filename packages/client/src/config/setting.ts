import type { SettingValues } from './setting-types.js';

export interface Setting {
  /** What it holds; `setting-types.ts` says what is allowed. */
  readonly type: keyof SettingValues;
  /** The option and its argument; null for secrets, which a list of processes would show. */
  readonly flag: string | null;
  /** The default as a user would write it; null where there is none. */
  readonly default: string | number | null;
  /** What is done without a value, where there is no default. */
  readonly otherwise?: string;
  /** Variables of other programs that are read after its own. */
  readonly alsoFrom?: readonly string[];
  readonly meaning: string;
}
