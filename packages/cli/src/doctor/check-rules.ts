import type { Settings } from '@shardmill/client/load-settings';
import { type Finding, ok, warn } from './finding.js';

const USES = ['inputs', 'models', 'outputs', 'transforms'] as const;

/** Whether the configuration restricts what those who submit jobs can have the fleet read and write. */
export function checkRules(settings: Settings): Finding {
  const open = USES.filter((use) => settings.get(`allow.${use}`) === undefined);
  if (open.length === 0)
    return ok('allow', 'inputs, models, outputs and transforms are restricted');
  return warn(
    'allow',
    `every user who submits jobs may use any location for ${open.join(', ')}`,
    `Where they are not those who run the fleet, set ${open.map((use) => `allow.${use}`).join(', ')} (shardmill docs security).`,
  );
}
