import type { JobDefinition } from '@shardmill/core';
import type { Lake } from '../support/lake.js';

/** Puts the workplace's data and model into the lake. @returns the keys of a job that uses them */
export async function inLake(
  lake: Lake,
): Promise<Pick<JobDefinition, 'input' | 'model' | 'output'>> {
  await lake.upload('data/a.parquet');
  await lake.upload('model.onnx');
  return {
    input: { uri: lake.uri('data/') },
    model: { uri: lake.uri('model.onnx') },
    output: { uri: lake.uri('out'), columns: { id: 'id', score: 'score', a: 'a' } },
  };
}

/** Keys of the visible parts of an output, with the ETag of each. */
export async function partsIn(lake: Lake, name = 'out'): Promise<Map<string, string>> {
  const objects = await lake.objects(name);
  return new Map([...objects].filter(([key]) => /^[^/]+\.parquet$/.test(key)));
}

/** What makes a result look complete. */
export async function finishedMarksIn(lake: Lake, name = 'out'): Promise<string[]> {
  const keys = [...(await lake.objects(name)).keys()];
  return keys.filter((key) => /(^|\/)(_SUCCESS|manifest\.json)$/.test(key));
}
