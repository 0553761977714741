import type { LineageOptions } from '@shardmill/scheduler/lineage';
import type { Settings } from './load-settings.js';

/** Where events of OpenLineage go; undefined where none are sent. */
export function lineageOptions(settings: Settings): LineageOptions | undefined {
  const url = settings.get('lineage.url');
  if (url === undefined || settings.get('lineage.disabled')) return undefined;
  return {
    target: {
      url: endpointOf(new URL(url), settings.get('lineage.endpoint')),
      apiKey: settings.get('lineage.apiKey'),
    },
    namespace: settings.get('lineage.namespace'),
  };
}

/** The endpoint below the path of the address, with its query. */
function endpointOf(url: URL, endpoint: string): URL {
  if (url.protocol === 'file:') return url;
  const whole = new URL(url);
  const [path = '', query] = endpoint.split('?', 2);
  whole.pathname = `${url.pathname.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  if (query !== undefined) whole.search = query;
  return whole;
}
