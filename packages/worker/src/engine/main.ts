import { ShardmillError, toShardmillError } from '@shardmill/core';
import { bindJob } from '../bind/bind-job.js';
import { describeInput } from '../inspect/describe-input.js';
import { inspectModel } from '../inspect/inspect-model.js';
import { inspectParquet } from '../inspect/inspect-parquet.js';
import { warmUpLane } from '../infer/lane-pool.js';
import { Scorer } from '../score/scorer.js';
import { ModelHost } from './model-host.js';
import type {
  EngineMessage,
  EngineMethod,
  EngineMethods,
  EngineRequest,
  LaneSettings,
} from './protocol.js';
import type { RunSettings } from '../score/scorer.js';

/**
 * The engine process: DuckDB and ONNX Runtime, away from whoever holds the queue. It is ended with
 * SIGKILL, at any moment and always: `process.exit` with native threads alive aborts.
 */

warmUpLane();
const models = new ModelHost();
let scorer: Scorer | undefined;

const methods: {
  [M in EngineMethod]: (
    argument: EngineMethods[M]['argument'],
  ) => Promise<EngineMethods[M]['answer']>;
} = {
  describeInput: ({ path }) => describeInput(path),
  bindJob: (request) => bindJob(request, (modelPath) => models.load(modelPath)),
  inspectModel: ({ path }) => inspectModel(path, (modelPath) => models.load(modelPath)),
  inspectParquet: ({ paths }) => inspectParquet(paths),
  openRun: async (settings) => {
    await openRun(settings);
    return null;
  },
  scoreShard: (shard) => {
    if (scorer === undefined) throw new ShardmillError('INTERNAL', 'no run is open');
    return scorer.scoreShard(shard);
  },
};

async function openRun(settings: RunSettings & LaneSettings): Promise<void> {
  const lanes = await models.lanesFor(
    settings.scoring.model,
    settings.lanes,
    settings.threadsPerLane,
  );
  scorer?.close();
  scorer = await Scorer.open(settings, lanes, (progress) => send({ kind: 'progress', progress }));
}

process.on('message', (request: EngineRequest) => {
  void answer(request);
});
// The supervisor is gone: nobody wants the result, and another will do the work.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches the whole process group; the supervisor decides what becomes of the engine.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function answer<M extends EngineMethod>(request: EngineRequest<M>): Promise<void> {
  try {
    const result = await methods[request.method](request.argument);
    send({ kind: 'answer', id: request.id, answer: result });
  } catch (error) {
    send({ kind: 'error', id: request.id, error: toShardmillError(error).toRecord() });
  }
}

function send(message: EngineMessage): void {
  process.send?.(message);
}
