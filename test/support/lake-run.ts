import { readdir } from 'node:fs/promises';
import type { Lake } from './lake.js';
import { usualJob, type Workplace } from './workplace.js';

/** The usual job and its data in a lake, for tests of runs from S3 to S3. */
export function useLakeRun(place: Workplace, lake: Lake) {
  /** The usual job with its input, model and output in the lake. */
  const lakeJob = () => ({
    ...usualJob,
    input: { uri: lake.uri('data') },
    model: { uri: lake.uri('model.onnx') },
    output: { ...usualJob.output, uri: lake.uri('out') },
  });

  /** `data/a.parquet` and the model, there. */
  const prepare = async (rows: number): Promise<void> => {
    await place.prepare({ rows });
    await lake.upload('data/a.parquet');
    await lake.upload('model.onnx');
    await place.writeJob(lakeJob());
  };

  /** What is left of the staging and temporary folders of the cache. */
  const leftInCache = (): Promise<string[]> =>
    readdir(place.path('.cache/shardmill/work')).catch(() => []);

  return { lakeJob, prepare, leftInCache };
}
