import { createRequire } from 'node:module';
import path from 'node:path';
import type { InferenceSession, OnnxValue, Tensor, TensorConstructor } from 'onnxruntime-node';
import { fromTensor, sessionOptions, toTensors } from './onnx-tensors.js';
import type { BatchTensor } from './batch-tensor.js';
import { modelSource } from '../model/model-source.js';

/** The version whose inside is known; `sync-session.test.ts` holds it against the dependency. */
const KNOWN_VERSION = '1.30.0';

/**
 * A session that answers at once. `session.run` of onnxruntime-node gives a promise for what its
 * own native session has computed by then: this is that native session, which is not public.
 */
export class SyncSession {
  private constructor(
    readonly native: NativeSession,
    readonly tensor: TensorConstructor,
  ) {}

  /**
   * @param model its file, or its bytes
   * @param threads of one call.
   * @returns undefined where onnxruntime-node is not, inside, what it is known to be.
   * @throws whatever ONNX Runtime throws of the model.
   */
  static load(model: string | Uint8Array, threads: number): SyncSession | undefined {
    const runtime = nativeRuntime();
    if (runtime === undefined) return undefined;
    const native = new runtime.InferenceSession();
    const source = typeof model === 'string' ? modelSource(model) : model;
    const folder = typeof model === 'string' ? path.dirname(model) : undefined;
    const options = sessionOptions(threads, ['cpu'], false, folder);
    if (typeof source === 'string') native.loadModel(source, options);
    else native.loadModel(source.buffer, source.byteOffset, source.byteLength, options);
    return new SyncSession(native, runtime.Tensor);
  }

  /**
   * The one that is inside of a session of onnxruntime-node: a model is not loaded twice to be called in both ways.
   * @param create makes the session; no other may be made meanwhile.
   * @returns `sync` undefined where onnxruntime-node is not, inside, what it is known to be.
   */
  static async inside<S>(
    create: () => Promise<S>,
  ): Promise<{ readonly session: S; readonly sync: SyncSession | undefined }> {
    const inside = nativeRuntime();
    if (inside === undefined) return { session: await create(), sync: undefined };
    const { binding, InferenceSession: Native, Tensor: tensor } = inside;
    const made: NativeSession[] = [];
    binding.InferenceSession = class extends Native {
      constructor() {
        super();
        made.push(this);
      }
    };
    try {
      const session = await create();
      // Earlier ones were tries.
      const native = made.at(-1);
      return { session, sync: native && new SyncSession(native, tensor) };
    } finally {
      binding.InferenceSession = Native;
    }
  }

  /** Runs the model on exactly these rows. @throws whatever ONNX Runtime throws, MODEL_OUTPUT_SHAPE */
  run(feeds: readonly BatchTensor[], rows: number, outputs: readonly string[]): BatchTensor[] {
    const fetches = Object.fromEntries(outputs.map((name) => [name, null]));
    const results = this.native.run(toTensors(this.tensor, feeds, rows), fetches, {});
    return outputs.map((name) => fromTensor(name, results[name], rows));
  }
}

/** Loads ONNX Runtime's library now, as the first session would. */
export function loadRuntime(): void {
  nativeRuntime();
}

interface NativeSession {
  loadModel(modelPath: string, options: InferenceSession.SessionOptions): void;
  loadModel(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
    options: InferenceSession.SessionOptions,
  ): void;
  run(
    feeds: Readonly<Record<string, OnnxValue>>,
    fetches: Readonly<Record<string, null>>,
    options: InferenceSession.RunOptions,
  ): Readonly<Record<string, Tensor>>;
}

interface NativeRuntime {
  /** Where onnxruntime-node takes the class from for each session. */
  readonly binding: { InferenceSession: new () => NativeSession };
  readonly InferenceSession: new () => NativeSession;
  readonly Tensor: TensorConstructor;
}

let runtime: NativeRuntime | undefined;
let looked = false;

/** Looked for once: what is not there now will not be later. */
function nativeRuntime(): NativeRuntime | undefined {
  if (!looked) runtime = findNativeRuntime(createRequire(import.meta.url));
  looked = true;
  return runtime;
}

/** Relies on the internals of onnxruntime-node only after checking that they are as expected. */
export function findNativeRuntime(load: (name: string) => unknown): NativeRuntime | undefined {
  try {
    if (get(load('onnxruntime-node/package.json'), 'version') !== KNOWN_VERSION) return undefined;
    const inside = load('onnxruntime-node/dist/binding.js');
    const initOrt = get(inside, 'initOrt');
    const binding = get(inside, 'binding');
    const InferenceSession = get(binding, 'InferenceSession');
    const Tensor = get(load('onnxruntime-node'), 'Tensor');
    const prototype = get(InferenceSession, 'prototype');
    const whole = [
      initOrt,
      InferenceSession,
      Tensor,
      get(prototype, 'loadModel'),
      get(prototype, 'run'),
    ];
    if (!whole.every((item) => typeof item === 'function')) return undefined;
    Reflect.apply(initOrt as () => void, undefined, []);
    return { binding, InferenceSession, Tensor } as NativeRuntime;
  } catch {
    return undefined;
  }
}

function get(value: unknown, key: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, key)
    : undefined;
}
