import { ModelRegistry } from '@shardmill/scheduler';
import type { Services } from '../services.js';

/**
 * The registry of the configured state location.
 * @param purpose to `change` it, the store has to create an object only if it does not exist.
 * @throws STORE_UNSUPPORTED
 */
export async function openRegistry(
  { stores, settings }: Pick<Services, 'stores' | 'settings'>,
  purpose: 'read' | 'change',
): Promise<ModelRegistry> {
  const state = settings.get('state.uri');
  if (purpose === 'change') await stores.requireConditionalWrites(state);
  return new ModelRegistry(stores.open(state));
}
