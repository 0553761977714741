import { ShardmillError } from '@shardmill/core';

const SETTINGS = ['auto', 'never', 'always'] as const;

/** When to score in a single pass: where it is a gain by measurement, never, or where it can be. */
export type SinglePassSetting = (typeof SETTINGS)[number];

const SINGLE_PASS_VARIABLE = 'SHARDMILL_SINGLE_PASS';

/** The setting in the environment; `auto` where it is not set. @throws CONFIG_INVALID */
export function singlePassSetting(
  environment: Readonly<Record<string, string | undefined>>,
): SinglePassSetting {
  const given = environment[SINGLE_PASS_VARIABLE] ?? '';
  if (given === '') return 'auto';
  const setting = SETTINGS.find((known) => known === given);
  if (setting !== undefined) return setting;
  throw new ShardmillError(
    'CONFIG_INVALID',
    `${SINGLE_PASS_VARIABLE} is "${given}", expected ${SETTINGS.join(', ')}`,
  );
}
