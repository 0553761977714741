import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type BoundFeature,
  ShardmillError,
  type TensorInfo,
  toShardmillError,
  unreachable,
} from '@shardmill/core';
import type { InferenceSession } from 'onnxruntime-node';
import { fixedBatch } from '../model/fixed-batch.js';
import { modelSource } from '../model/model-source.js';
import { isTensorType } from '../onnx/tensor-types.js';
import type { PartOrder, PartOutcome, WriterSetup } from '../single-pass/part-order.js';
import type { RawOutput } from '../row-wise/compare-rows.js';
import { probeRows } from '../row-wise/probe-rows.js';
import type { PartWriter } from '../single-pass/part-writer.js';
import { endWithParent } from './end-with-parent.js';
import { startGrowthMeter } from './growth-meter.js';
import {
  buffersOf,
  type LaneOptions,
  type LaneReply,
  type LaneRequest,
  type ModelOutput,
} from './lane-messages.js';
import type { LaneStart } from './lane-thread.js';
import { fromTensor, sessionOptions, toTensors } from '../onnx/onnx-tensors.js';
import { openSession } from '../onnx/open-session.js';
import { loadRuntime, SyncSession } from '../onnx/sync-session.js';
import { probeProviders } from '../onnx/probe-providers.js';
import { explainLibrary } from '../onnx/provider-library.js';
import { newLaneState, runBatch } from '../infer/run-batch.js';
import { poolOutputs } from '../infer/pool-outputs.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { CheckedSubstitute } from '../substitute/checked-substitute.js';
import type { ModelSubstitute } from '../substitute/model-substitute.js';
import { scoredBy } from '../substitute/scored-by.js';
import { Substitute } from '../substitute/substitute.js';

/**
 * A lane: one thread with one ONNX session. `session.run` blocks the thread that calls it
 * (onnxruntime#19611), which is why lanes have threads of their own. It scores the batches that the
 * engine hands it, or writes whole parts by itself.
 */

if (parentPort === null) throw new Error('lane.js is started as a worker thread');
const port = parentPort;
const PROGRESS_MS = 50;
endWithParent();

// With a native Float16Array, onnxruntime-node 1.30 takes half floats wrongly (onnxruntime#26791).
Reflect.deleteProperty(globalThis, 'Float16Array');
const ort = await import('onnxruntime-node');

let session: InferenceSession | undefined;
/** What is inside of it, with what it was made of. */
let inside:
  | { readonly sync: SyncSession; readonly path: string; readonly threads: number }
  | undefined;
let fixedRows: number | undefined;
let state = newLaneState();
let substitute: CheckedSubstitute | undefined;
let writer: Promise<PartWriter | undefined> | undefined;

port.on('message', (request: LaneRequest) => {
  void handle(request);
});
// The engine starts a lane with these alone.
if ((workerData as LaneStart).ahead) {
  loadRuntime();
  importPartWriter().catch(() => {});
}

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
    case 'probeRows': {
      const { id, feeds, outputs } = request;
      const run = (rows: readonly BatchTensor[], count: number): Promise<RawOutput[]> =>
        runRaw(rows, count, outputs);
      reply({ kind: 'rowsProbed', id, probe: await probeRows(run, feeds, fixedRows) });
      return;
    }
    case 'batch': {
      const readClock = startClock(await writer?.catch(() => undefined));
      const readGrowth = startGrowthMeter();
      try {
        const run = async (feeds: readonly BatchTensor[], rows: number): Promise<BatchTensor[]> => {
          const outputs = await runSession(feeds, rows, request.outputs);
          return request.pooled === undefined
            ? outputs
            : poolOutputs(request.pooled, outputs, feeds, rows);
        };
        state.runRows = request.callRows;
        state.safeRows = Math.min(state.safeRows, request.safeRows);
        const result = await runBatch(
          run,
          request.feeds,
          request.rows,
          state,
          fixedRows,
          request.undivided,
          request.unitsPerRow,
        );
        const answer: LaneReply = {
          kind: 'result',
          id: request.id,
          result,
          feeds: request.feeds.map(withoutTexts),
          milliseconds: readClock(),
          grownBytes: readGrowth(),
          safeRows: state.safeRows,
          scoredBy: substitute?.inUse === true ? scoredBy(substitute.substitute) : [],
        };
        port.postMessage(answer, buffersOf(request.feeds));
      } catch (error) {
        const { safeRows } = state;
        const record = toShardmillError(error).toRecord();
        reply({ kind: 'failed', id: request.id, error: record, safeRows });
      }
      return;
    }
    case 'substitute': {
      substitute = openSubstitute(request.substitute, request.features);
      return;
    }
    case 'prepareParts': {
      writer = prepareParts(request.setup, writer);
      // The failure is reported for the next part.
      writer.catch(() => {});
      return;
    }
    case 'part': {
      const { id, order } = request;
      reply({ kind: 'part', id, outcome: await writePart(id, order) });
      return;
    }
    case 'end': {
      await (await writer?.catch(() => undefined))?.close();
      reply({ kind: 'ended' });
      return;
    }
    case 'cancelPart': {
      (await writer?.catch(() => undefined))?.cancel();
      return;
    }
    default:
      return unreachable(request, 'request');
  }
}

/** Milliseconds from now on, without those of a part that is written in between. */
function startClock(of: PartWriter | undefined): () => number {
  const [started, calls] = [performance.now(), of?.callsMs ?? 0];
  return () => performance.now() - started - ((of?.callsMs ?? 0) - calls);
}

async function prepareParts(
  setup: WriterSetup,
  earlier: Promise<PartWriter | undefined> | undefined,
): Promise<PartWriter | undefined> {
  await (await earlier?.catch(() => undefined))?.close();
  const { PartWriter } = await importPartWriter();
  const isLoaded = inside?.path === setup.modelPath && inside.threads === setup.threads;
  return PartWriter.open(setup, noticeDifference, isLoaded ? inside?.sync : undefined);
}

/** DuckDB is loaded by a lane that needs it, or has the time to. */
function importPartWriter(): Promise<{ readonly PartWriter: typeof PartWriter }> {
  return import('../single-pass/part-writer.js');
}

async function writePart(id: number, order: PartOrder): Promise<PartOutcome> {
  try {
    const opened = await writer;
    if (opened === undefined) return { why: 'the model cannot be called from within a query' };
    let reportedAt = performance.now();
    return await opened.write(order, (rows) => {
      const now = performance.now();
      if (now - reportedAt < PROGRESS_MS) return;
      reportedAt = now;
      reply({ kind: 'partRows', id, rows });
    });
  } catch (error) {
    return { why: toShardmillError(error).message };
  }
}

function reply(message: LaneReply): void {
  port.postMessage(message);
}

async function load(modelPath: string, options: LaneOptions): Promise<LaneReply> {
  // The thread may have been one of another model's lanes.
  await session?.release();
  [session, inside, substitute] = [undefined, undefined, undefined];
  const source = modelSource(modelPath);
  const { session: opened, sync } = await SyncSession.inside(() =>
    openSession(
      (providers, alone) => {
        const session = sessionOptions(options.threads, providers, alone, path.dirname(modelPath));
        // Two overloads of one function.
        return typeof source === 'string'
          ? ort.InferenceSession.create(source, session)
          : ort.InferenceSession.create(source, session);
      },
      {
        modelPath,
        providers: options.providers,
        supported: ort.listSupportedBackends().map(({ name }) => name),
        explain: explainLibrary,
      },
    ),
  );
  const { report } = opened;
  session = opened.session;
  // A single pass runs models on processors.
  const onCpu = report.providers.length === 1 && report.providers[0] === 'cpu';
  inside = onCpu && sync ? { sync, path: modelPath, threads: options.threads } : undefined;
  state = newLaneState(report.providers[0]);
  const inputs = session.inputMetadata.map((meta) => {
    const info = describe(meta);
    if (info.type !== 'non-tensor') return info;
    throw new ShardmillError('MODEL_INVALID', `the model's input "${info.name}" is not a tensor`, {
      where: modelPath,
    });
  });
  fixedRows = fixedBatch(inputs);
  return { kind: 'loaded', inputs, outputs: session.outputMetadata.map(describe), report };
}

function describe(
  meta: InferenceSession.ValueMetadata,
): TensorInfo | Extract<ModelOutput, { type: 'non-tensor' }> {
  if (!meta.isTensor) return { name: meta.name, type: 'non-tensor' };
  if (!isTensorType(meta.type)) {
    throw new ShardmillError(
      'MODEL_TYPE_UNSUPPORTED',
      `tensor "${meta.name}" has the type ${meta.type}, which is not supported`,
    );
  }
  return { name: meta.name, type: meta.type, shape: [...meta.shape] };
}

/** The outputs as they are, whatever their shapes. */
async function runRaw(
  feeds: readonly BatchTensor[],
  rows: number,
  names: readonly string[],
): Promise<RawOutput[]> {
  if (session === undefined) throw new ShardmillError('INTERNAL', 'no model is loaded');
  const results = await session.run(toTensors(ort.Tensor, feeds, rows), names);
  return names.flatMap((name) => {
    const tensor = results[name];
    if (tensor === undefined) return [];
    const { type, dims } = tensor;
    return [{ name, type, dims, data: tensor.data }];
  });
}

function openSubstitute(
  plan: ModelSubstitute | undefined,
  features: readonly BoundFeature[],
): CheckedSubstitute | undefined {
  const opened = Substitute.open(plan, features, 1, noticeDifference);
  return opened && new CheckedSubstitute(opened, noticeDifference);
}

function noticeDifference(what: string): void {
  reply({ kind: 'notice', text: `the model is scored by ONNX Runtime alone: ${what}` });
}

function runSession(
  feeds: readonly BatchTensor[],
  rows: number,
  outputs: readonly string[],
): Promise<BatchTensor[]> {
  const run = (some: readonly BatchTensor[], count: number): Promise<BatchTensor[]> =>
    runRuntime(some, count, outputs);
  return substitute === undefined ? run(feeds, rows) : substitute.run(feeds, rows, outputs, run);
}

async function runRuntime(
  feeds: readonly BatchTensor[],
  rows: number,
  outputs: readonly string[],
): Promise<BatchTensor[]> {
  if (session === undefined) throw new ShardmillError('INTERNAL', 'no model is loaded');
  const results = await session.run(toTensors(ort.Tensor, feeds, rows), outputs);
  return outputs.map((name) => fromTensor(name, results[name], rows));
}

/** Texts would be copied back one by one, and the sender still has them. */
function withoutTexts(feed: BatchTensor): BatchTensor {
  return Array.isArray(feed.data) ? { ...feed, data: [] } : feed;
}
