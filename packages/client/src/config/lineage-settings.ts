import type { Setting } from './setting.js';

/** Where events of OpenLineage go. Addresses may hold secrets, so none of these has a flag. */
export const lineageSettings = {
  'lineage.url': {
    type: 'lineageUrl',
    flag: null,
    default: null,
    otherwise: 'no events',
    alsoFrom: ['OPENLINEAGE_URL'],
    meaning: 'where events of OpenLineage are sent, or file:///FOLDER/FILE to append them to',
  },
  'lineage.endpoint': {
    type: 'text',
    flag: null,
    default: 'api/v1/lineage',
    alsoFrom: ['OPENLINEAGE_ENDPOINT'],
    meaning: 'path below that address',
  },
  'lineage.apiKey': {
    type: 'secret',
    flag: null,
    default: null,
    otherwise: 'none',
    alsoFrom: ['OPENLINEAGE_API_KEY'],
    meaning: 'sent as Authorization: Bearer …',
  },
  'lineage.namespace': {
    type: 'text',
    flag: null,
    default: 'default',
    alsoFrom: ['OPENLINEAGE_NAMESPACE'],
    meaning: 'namespace of jobs in events',
  },
  'lineage.disabled': {
    type: 'trueOrFalse',
    flag: null,
    default: 'false',
    alsoFrom: ['OPENLINEAGE_DISABLED'],
    meaning: 'whether no events are sent, whatever lineage.url says',
  },
} as const satisfies Record<string, Setting>;
