import type { ExecutionProvider } from '@shardmill/core';
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node';
import { clean } from './session-errors.js';
import { isExecutionProvider } from './provider-facts.js';

/** Whether an execution provider of this ONNX Runtime can be used here and now. */
export interface ProviderReport {
  readonly provider: ExecutionProvider;
  /** Why not; null where it can. */
  readonly reason: string | null;
}

/** What of onnxruntime-node is needed. */
interface Runtime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
  readonly listSupportedBackends: () => readonly { readonly name: string }[];
}

/**
 * Has each provider that this ONNX Runtime knows compute something small.
 * @param explain says why the library of a provider cannot be loaded, if it is that.
 */
export async function probeProviders(
  ort: Runtime,
  explain: (provider: ExecutionProvider) => string | undefined,
): Promise<ProviderReport[]> {
  const reports: ProviderReport[] = [];
  for (const { name } of ort.listSupportedBackends()) {
    if (!isExecutionProvider(name)) continue;
    try {
      await computeWith(ort, name);
      reports.push({ provider: name, reason: null });
    } catch (error) {
      const more = explain(name);
      reports.push({ provider: name, reason: `${clean(error)}${more ? ` (${more})` : ''}` });
    }
  }
  return reports;
}

/** `y = x + x`, float32 [N, 1]: an ONNX file of opset 13. */
const DOUBLE = Buffer.from(
  'CAcSCXNoYXJkbWlsbDpLChUKAXgKAXgSAXkaBUFkZF8wIgNBZGQSBmRvdWJsZVoUCgF4Eg8KDQgBEgkKAxIBTgoCCAFiFAoBeRIPCg0IARIJCgMSAU4KAggBQgQKABAN',
  'base64',
);

async function computeWith(ort: Runtime, provider: ExecutionProvider): Promise<void> {
  const session = await ort.InferenceSession.create(DOUBLE, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { disable_cpu_ep_fallback: provider === 'cpu' ? '0' : '1' } },
  });
  try {
    const x: TypedTensor<'float32'> = new ort.Tensor('float32', Float32Array.of(21), [1, 1]);
    const { y } = await session.run({ x }, ['y']);
    if (y?.data[0] !== 42) throw new Error(`21 + 21 came to ${String(y?.data[0])}`);
  } finally {
    await session.release();
  }
}
