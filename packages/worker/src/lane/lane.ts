import { parentPort, workerData } from 'node:worker_threads';
import { ShardmillError, toShardmillError, unreachable } from '@shardmill/core';
import { fixedBatch } from '../model/fixed-batch.js';
import type { PartOrder, PartOutcome, WriterSetup } from '../single-pass/part-order.js';
import { probeRows } from '../row-wise/probe-rows.js';
import type { PartWriter } from '../single-pass/part-writer.js';
import { endWithParent } from './end-with-parent.js';
import { startGrowthMeter } from './growth-meter.js';
import { buffersOf, type LaneReply, type LaneRequest, type LoadedModel } from './lane-messages.js';
import { LaneModel } from './lane-model.js';
import type { LaneStart } from './lane-thread.js';
import { loadRuntime } from '../onnx/sync-session.js';
import { probeProviders } from '../onnx/probe-providers.js';
import { explainLibrary } from '../onnx/provider-library.js';
import { newLaneState, runBatch } from '../infer/run-batch.js';
import { poolOutputs } from '../infer/pool-outputs.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { CheckedSubstitute } from '../substitute/checked-substitute.js';
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

let model: LaneModel | undefined;
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
        reply({ kind: 'loaded', ...(await load(request)) });
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
      const probe = await probeRows(
        async (rows, count) => theModel().runRaw(rows, count, outputs),
        feeds,
        fixedRows,
      );
      reply({ kind: 'rowsProbed', id, probe });
      return;
    }
    case 'batch': {
      try {
        // To open the model is none of the batch's own time.
        if (substitute?.inUse !== true) await theModel().open();
        const readClock = startClock(await writer?.catch(() => undefined));
        const readGrowth = startGrowthMeter();
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
      substitute = openSubstitute(request);
      return;
    }
    case 'settleSubstitute': {
      substitute?.settle(request.same);
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
  const { path, options } = theModel();
  const isLoaded = path === setup.modelPath && options.threads === setup.threads;
  const sync = isLoaded ? (await theModel().open()).sync : undefined;
  return PartWriter.open(setup, noticeDifference, sync);
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

async function load({
  path,
  options,
  known,
}: Extract<LaneRequest, { kind: 'load' }>): Promise<LoadedModel> {
  // The thread may have been one of another model's lanes.
  await model?.release();
  substitute = undefined;
  model = new LaneModel(ort, path, options);
  const described = known ?? (await model.describe());
  state = newLaneState(described.report.providers[0]);
  fixedRows = fixedBatch(described.inputs);
  return described;
}

/** @throws INTERNAL before there is one */
function theModel(): LaneModel {
  if (model === undefined) throw new ShardmillError('INTERNAL', 'no model is loaded');
  return model;
}

function openSubstitute({
  id,
  substitute: plan,
  features,
}: Extract<LaneRequest, { kind: 'substitute' }>): CheckedSubstitute | undefined {
  const onChecked = (difference: string | undefined): void => {
    if (difference !== undefined) noticeDifference(difference);
    reply({ kind: 'substituteChecked', id, same: difference === undefined });
  };
  const opened = Substitute.open(plan, features, 1, onChecked);
  return opened && new CheckedSubstitute(opened, onChecked);
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
    theModel().run(some, count, outputs);
  return substitute === undefined ? run(feeds, rows) : substitute.run(feeds, rows, outputs, run);
}

/** Texts would be copied back one by one, and the sender still has them. */
function withoutTexts(feed: BatchTensor): BatchTensor {
  return Array.isArray(feed.data) ? { ...feed, data: [] } : feed;
}
