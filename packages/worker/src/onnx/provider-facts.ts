import type { ExecutionProvider } from '@shardmill/core';

/** What is worth knowing of ONNX Runtime's execution providers. */
interface ProviderFacts {
  /** How onnxruntime-node 1.30 names it where it cannot be used. */
  readonly named: RegExp;
  /** What to do where it is missing. */
  readonly remedy?: string;
}

const FACTS: Record<ExecutionProvider, ProviderFacts> = {
  cpu: { named: /\[cpu\] backend not found/ },
  cuda: {
    named:
      /AppendExecutionProvider_CUDA\b|\[cuda\] backend not found|providers[/\\]cuda[/\\]|CUDA failure \d/i,
    remedy: 'Install it with scripts/install-cuda-provider.mjs (`shardmill docs gpu`)',
  },
  tensorrt: {
    named:
      /AppendExecutionProvider_TensorRT\b|\[tensorrt\] backend not found|providers[/\\]tensorrt[/\\]/i,
    remedy:
      'Install it with scripts/install-cuda-provider.mjs (`shardmill docs gpu`), TensorRT beside it',
  },
  dml: {
    named: /AppendExecutionProvider_DML\b|\[dml\] backend not found|providers[/\\]dml[/\\]/i,
    remedy: 'It is there on Windows alone',
  },
  coreml: {
    named: /AppendExecutionProvider_CoreML\b|\[coreml\] backend not found/i,
    remedy: 'It is there on macOS alone',
  },
  webgpu: {
    named: /WebGPU adapter|WebGpuContext|\[webgpu\] backend not found/i,
    remedy: 'It needs a graphics driver for Vulkan, Metal or Direct3D 12',
  },
};

export function isExecutionProvider(name: string): name is ExecutionProvider {
  return Object.hasOwn(FACTS, name);
}

/** Whether a message is about this provider. */
export function isNamed(provider: ExecutionProvider, message: string): boolean {
  return FACTS[provider].named.test(message);
}

export function remedyFor(provider: ExecutionProvider): string | undefined {
  return FACTS[provider].remedy;
}
