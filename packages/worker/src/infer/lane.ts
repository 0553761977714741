import { parentPort } from 'node:worker_threads';
import { ShardmillError, type TensorInfo, toShardmillError } from '@shardmill/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadError } from '../model/session-errors.js';
import { isTensorType } from '../model/tensor-types.js';
import { buffersOf, type LaneReply, type LaneRequest, type ModelOutput } from './lane-messages.js';
import { type BatchTensor, newLaneState, runBatch } from './run-batch.js';
import { RunSize } from './run-size.js';

/**
 * A lane: one thread with one ONNX session. `session.run` blocks the thread that calls it
 * (onnxruntime#19611), which is why lanes have threads of their own.
 */

if (parentPort === null) throw new Error('lane.js is started as a worker thread');
const port = parentPort;

// With a native Float16Array, onnxruntime-node 1.30 takes half floats wrongly (onnxruntime#26791).
Reflect.deleteProperty(globalThis, 'Float16Array');
const ort = await import('onnxruntime-node');

let session: InferenceSession | undefined;
let fixedRows: number | undefined;
const state = newLaneState();
const runSize = new RunSize();

port.on('message', (request: LaneRequest) => {
  void handle(request);
});

async function handle(request: LaneRequest): Promise<void> {
  switch (request.kind) {
    case 'load': {
      try {
        reply(await load(request.path, request.threads));
      } catch (error) {
        reply({ kind: 'failed', id: null, error: toShardmillError(error).toRecord() });
      }
      return;
    }
    case 'batch': {
      const started = performance.now();
      try {
        const run = (feeds: readonly BatchTensor[], rows: number): Promise<BatchTensor[]> =>
          runSession(feeds, rows, request.outputs);
        state.runRows = request.tune ? runSize.forBatch(request.rows) : Infinity;
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

async function load(modelPath: string, threads: number): Promise<LaneReply> {
  try {
    session = await ort.InferenceSession.create(modelPath, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      // Idle threads that spin would take the cores from scanning and writing.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw loadError(error, modelPath);
  }
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
  return { kind: 'loaded', inputs, outputs: session.outputMetadata.map(describe) };
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
  const tensors: Record<string, Tensor> = {};
  for (const { name, type, rowShape, data } of feeds) {
    tensors[name] = makeTensor(type, data, [rows, ...rowShape]);
  }
  const results = await session.run(tensors, outputs);
  return outputs.map((name) => {
    const tensor = results[name];
    if (tensor === undefined) throw new ShardmillError('INTERNAL', `no output "${name}"`);
    return readTensor(name, tensor, rows);
  });
}

function makeTensor(type: BatchTensor['type'], data: BatchTensor['data'], dims: number[]): Tensor {
  // The array's class is the one that belongs to the type: packing made it by the same table.
  return Reflect.construct(ort.Tensor, [type, data, dims]) as Tensor;
}

function readTensor(name: string, tensor: Tensor, rows: number): BatchTensor {
  const { type, dims, data } = tensor;
  if (!isTensorType(type)) {
    throw new ShardmillError('MODEL_INVALID', `output "${name}" has the unsupported type ${type}`);
  }
  if (dims[0] !== rows) {
    throw new ShardmillError(
      'MODEL_OUTPUT_SHAPE',
      `output "${name}" has the shape [${dims.join(', ')}] for ${rows} rows; expected ${rows} as the first dimension`,
    );
  }
  const rowShape = dims.slice(1);
  const width = rowShape.reduce((product, dim) => product * dim, 1);
  return { name, type, rowShape, width, data: data as BatchTensor['data'] };
}
