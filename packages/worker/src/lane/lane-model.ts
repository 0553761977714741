import path from 'node:path';
import { ShardmillError, type TensorInfo } from '@shardmill/core';
import type * as Runtime from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import { modelSource } from '../model/model-source.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { fromTensor, sessionOptions, toTensors } from '../onnx/onnx-tensors.js';
import { openSession, type SessionReport } from '../onnx/open-session.js';
import { explainLibrary } from '../onnx/provider-library.js';
import { SyncSession } from '../onnx/sync-session.js';
import { isTensorType } from '../onnx/tensor-types.js';
import type { RawOutput } from '../row-wise/compare-rows.js';
import type { LaneOptions, LoadedModel, ModelOutput } from './lane-messages.js';

interface OpenedSession {
  readonly session: InferenceSession;
  readonly report: SessionReport;
  /** What is inside of it, where onnxruntime-node is known inside and a processor computes all. */
  readonly sync: SyncSession | undefined;
}

/**
 * A lane's session of the whole model in ONNX Runtime. It is opened once, when it is first needed: a
 * large forest takes seconds of processor time, and several times its file of memory.
 */
export class LaneModel {
  #opened: Promise<OpenedSession> | undefined;

  constructor(
    readonly ort: typeof Runtime,
    readonly path: string,
    readonly options: LaneOptions,
  ) {}

  /** @throws MODEL_…, PROVIDER_MISSING, ENGINE_OUT_OF_MEMORY, DEVICE_OUT_OF_MEMORY */
  open(): Promise<OpenedSession> {
    if (this.#opened === undefined) {
      const opening = this.#open();
      this.#opened = opening;
      opening.catch(() => {
        // The next batch may find more room.
        this.#opened = undefined;
      });
    }
    return this.#opened;
  }

  /** What the model says of itself. @throws as `open`, MODEL_INVALID, MODEL_TYPE_UNSUPPORTED */
  async describe(): Promise<LoadedModel> {
    const { session, report } = await this.open();
    const inputs = session.inputMetadata.map((meta) => {
      const info = describe(meta);
      if (info.type !== 'non-tensor') return info;
      throw new ShardmillError(
        'MODEL_INVALID',
        `the model's input "${info.name}" is not a tensor`,
        { where: this.path },
      );
    });
    return { inputs, outputs: session.outputMetadata.map(describe), report };
  }

  /** Runs the model on exactly these rows. @throws as `open`, whatever ONNX Runtime throws, MODEL_OUTPUT_SHAPE */
  async run(
    feeds: readonly BatchTensor[],
    rows: number,
    outputs: readonly string[],
  ): Promise<BatchTensor[]> {
    const results = await this.#results(feeds, rows, outputs);
    return outputs.map((name) => fromTensor(name, results[name], rows));
  }

  /** The outputs as they are, whatever their shapes. @throws as `run` */
  async runRaw(
    feeds: readonly BatchTensor[],
    rows: number,
    names: readonly string[],
  ): Promise<RawOutput[]> {
    const results = await this.#results(feeds, rows, names);
    return names.flatMap((name) => {
      const tensor = results[name];
      if (tensor === undefined) return [];
      const { type, dims } = tensor;
      return [{ name, type, dims, data: tensor.data }];
    });
  }

  /** Gives its memory back, where it was opened; it must be idle. */
  async release(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.session.release();
  }

  async #results(
    feeds: readonly BatchTensor[],
    rows: number,
    names: readonly string[],
  ): Promise<Runtime.InferenceSession.OnnxValueMapType> {
    const { session } = await this.open();
    return session.run(toTensors(this.ort.Tensor, feeds, rows), names);
  }

  async #open(): Promise<OpenedSession> {
    const { ort, options } = this;
    const source = modelSource(this.path);
    const { session: opened, sync } = await SyncSession.inside(() =>
      openSession(
        (providers, alone) => {
          const folder = path.dirname(this.path);
          const session = sessionOptions(options.threads, providers, alone, folder);
          // Two overloads of one function.
          return typeof source === 'string'
            ? ort.InferenceSession.create(source, session)
            : ort.InferenceSession.create(source, session);
        },
        {
          modelPath: this.path,
          providers: options.providers,
          supported: ort.listSupportedBackends().map(({ name }) => name),
          explain: explainLibrary,
        },
      ),
    );
    const { session, report } = opened;
    // A single pass runs models on processors.
    const onCpu = report.providers.length === 1 && report.providers[0] === 'cpu';
    return { session, report, sync: onCpu ? sync : undefined };
  }
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
