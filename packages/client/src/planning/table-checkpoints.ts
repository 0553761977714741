import type { JobBinder, StorageOptions, WriteCheckpoint } from '@shardmill/core';
import {
  EngineProcess,
  type EngineStart,
  limitPlanning,
  type PlanningLimits,
} from '@shardmill/worker';

export interface TableCheckpointOptions {
  readonly storage: StorageOptions;
  readonly engine: EngineStart;
  readonly limits: PlanningLimits;
}

/**
 * Reads and writes checkpoints of tables that runs are committed to, each in an engine of its own:
 * those of a run have ended when it is committed.
 */
export function tableCheckpoints({ storage, engine, limits }: TableCheckpointOptions): {
  readonly readCheckpoint: JobBinder['readCheckpoint'];
  readonly writeCheckpoint: WriteCheckpoint;
} {
  const inEngine = async <T>(use: (own: EngineProcess) => Promise<T>): Promise<T> => {
    const own = EngineProcess.start({ ...engine, storage });
    try {
      return await limitPlanning(limits, [own], undefined, () => use(own));
    } finally {
      await own.close();
    }
  };
  return {
    readCheckpoint: (file) => inEngine((own) => own.readCheckpoint(file)),
    writeCheckpoint: (request) => inEngine((own) => own.writeCheckpoint(request)),
  };
}
