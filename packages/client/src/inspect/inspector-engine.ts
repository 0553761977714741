import type { InputFile, ModelDescription } from '@shardmill/core';
import type { ProfileParquetRequest, RejectedSample } from '@shardmill/worker';
import type { InspectedParquet } from './parquet-description.js';

/** What `inspect`, `init` and `report` need from the engine process. Paths are absolute; data may be a
 * file, a folder or a glob. */
export interface InspectorEngine {
  /** @throws MODEL_NOT_FOUND, MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED */
  inspectModel(path: string): Promise<ModelDescription>;
  /** @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_NOT_PARQUET */
  inspectParquet(location: string): Promise<InspectedParquet>;
  /** A few rows of each reason of a stored file of rejected rows. @throws INPUT_UNREADABLE */
  sampleRejected(file: InputFile): Promise<RejectedSample>;
  /** @throws OUTPUT_NOT_WRITABLE, DISK_FULL */
  writeProfileParquet(request: ProfileParquetRequest): Promise<void>;
  /** What a checkpoint of a table says. @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED */
  readCheckpoint(file: InputFile): Promise<string[]>;
}
