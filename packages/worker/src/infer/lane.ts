import { parentPort } from 'node:worker_threads';
import { ShardmillError, type TensorInfo, toShardmillError } from '@shardmill/core';
import type { InferenceSession } from 'onnxruntime-node';
import { isTensorType } from '../model/tensor-types.js';
import { endWithParent } from './end-with-parent.js';
import {
  buffersOf,
  type LaneOptions,
  type LaneReply,
  type LaneRequest,
  type ModelOutput,
} from './lane-messages.js';
import { fromTensor, sessionOptions, toTensors } from './onnx-tensors.js';
import { openSession } from './open-session.js';
import { probeProviders } from './probe-providers.js';
import { explainLibrary } from './provider-library.js';
import { type BatchTensor, newLaneState, runBatch } from './run-batch.js';
import { RunSize } from './run-size.js';

/**
 * A lane: one thread with one ONNX session. `session.run` blocks the thread that calls it
 * (onnxruntime#19611), which is why lanes have threads of their own.
 */

if (parentPort === null) throw new Error('lane.js is started as a worker thread');
const port = parentPort;
endWithParent();

// With a native Float16Array, onnxruntime-node 1.30 takes half floats wrongly (onnxruntime#26791).
Reflect.deleteProperty(globalThis, 'Float16Array');
const ort = await import('onnxruntime-node');

let session: InferenceSession | undefined;
let fixedRows: number | undefined;
let state = newLaneState();
const runSize = new RunSize();

port.on('message', (request: LaneRequest) => {
  void handle(request);
});

async function handle(request: LaneRequest): Promise<void> {
  switch (request.kind) {
    case 'load': {
      try {
        reply(await load(request.path, request.options));
      } catch (error) {
        reply({ kind: 'failed', id: null, error: toShardmillError(error).toRecord() });
      }
      return;
    }
    case 'probe': {
      reply({ kind: 'probed', providers: await probeProviders(ort, explainLibrary) });
      return;
    }
    case 'batch': {
      const started = performance.now();
      try {
        const run = (feeds: readonly BatchTensor[], rows: number): Promise<BatchTensor[]> =>
          runSession(feeds, rows, request.outputs);
        state.runRows = request.tune ? runSize.forBatch(request.rows) : Infinity;
        state.safeRows = Math.min(state.safeRows, request.safeRows);
        const result = await runBatch(run, request.feeds, request.rows, state, fixedRows);
        const milliseconds = performance.now() - started;
        if (result.failures.length === 0) {
          runSize.record(request.rows, state.runRows, milliseconds);
        }
        const answer: LaneReply = {
          kind: 'result',
          id: request.id,
          result,
          feeds: request.feeds,
          milliseconds,
          safeRows: state.safeRows,
        };
        port.postMessage(answer, buffersOf(request.feeds));
      } catch (error) {
        reply({ kind: 'failed', id: request.id, error: toShardmillError(error).toRecord() });
      }
      return;
    }
    default: {
      const unknown: never = request;
      throw new Error(`unknown request ${String(unknown)}`);
    }
  }
}

function reply(message: LaneReply): void {
  port.postMessage(message);
}

async function load(modelPath: string, options: LaneOptions): Promise<LaneReply> {
  const opened = await openSession(
    (providers, alone) =>
      ort.InferenceSession.create(modelPath, sessionOptions(options.threads, providers, alone)),
    {
      modelPath,
      providers: options.providers,
      supported: ort.listSupportedBackends().map(({ name }) => name),
      explain: explainLibrary,
    },
  );
  const { report } = opened;
  session = opened.session;
  state = newLaneState(report.providers[0]);
  const inputs = session.inputMetadata.map((meta) => {
    const info = describe(meta);
    if (info.type !== 'non-tensor') return info;
    throw new ShardmillError('MODEL_INVALID', `the model's input "${info.name}" is not a tensor`, {
      where: modelPath,
    });
  });
  const first = new Set(inputs.map((input) => input.shape[0]));
  const batch = [...first].find((dim) => typeof dim === 'number' && dim > 0);
  fixedRows = typeof batch === 'number' ? batch : undefined;
  return { kind: 'loaded', inputs, outputs: session.outputMetadata.map(describe), report };
}

function describe(
  meta: InferenceSession.ValueMetadata,
): TensorInfo | Extract<ModelOutput, { type: 'non-tensor' }> {
  if (!meta.isTensor) return { name: meta.name, type: 'non-tensor' };
  if (!isTensorType(meta.type)) {
    throw new ShardmillError(
      'MODEL_INVALID',
      `tensor "${meta.name}" has the type ${meta.type}, which Shardmill does not support`,
    );
  }
  return { name: meta.name, type: meta.type, shape: [...meta.shape] };
}

async function runSession(
  feeds: readonly BatchTensor[],
  rows: number,
  outputs: readonly string[],
): Promise<BatchTensor[]> {
  if (session === undefined) throw new ShardmillError('INTERNAL', 'no model is loaded');
  const results = await session.run(toTensors(ort.Tensor, feeds, rows), outputs);
  return outputs.map((name) => fromTensor(name, results[name], rows));
}
