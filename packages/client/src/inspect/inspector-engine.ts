import type { ModelDescription } from '@shardmill/core';
import type { InspectedParquet } from './parquet-description.js';

/** What `inspect` and `init` need from the engine process. Paths are absolute; data may be a
 * file, a folder or a glob. */
export interface InspectorEngine {
  /** @throws MODEL_NOT_FOUND, MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED */
  inspectModel(path: string): Promise<ModelDescription>;
  /** @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_NOT_PARQUET */
  inspectParquet(location: string): Promise<InspectedParquet>;
}
