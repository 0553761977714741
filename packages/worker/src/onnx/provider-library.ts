import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ExecutionProvider } from '@shardmill/core';

/** Files beside ONNX Runtime's own library; each needs those before it. */
const LIBRARIES: Partial<Record<ExecutionProvider, readonly string[]>> = {
  cuda: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
  tensorrt: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so'],
};

/**
 * Why a provider's library cannot be loaded. ONNX Runtime writes that to standard error and throws
 * no more than "Failed to load shared library".
 * @returns undefined where the provider has no library of its own, or it can be loaded.
 */
export function explainLibrary(
  provider: ExecutionProvider,
  folder: string = libraryFolder(),
): string | undefined {
  for (const name of LIBRARIES[provider] ?? []) {
    const file = path.join(folder, name);
    if (!existsSync(file)) return `there is no ${file}`;
    const error = loadingError(file);
    if (error !== undefined) return `${name}: ${error}`;
  }
  return undefined;
}

/** Where onnxruntime-node keeps its libraries on this platform. */
function libraryFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const { platform, arch } = process;
  return path.join(path.dirname(main), '..', 'bin', 'napi-v6', platform, arch);
}

/** What the system's loader says, such as `libcublasLt.so.12: cannot open shared object file`. */
function loadingError(file: string): string | undefined {
  try {
    // The loader is reached through Node's own: no library of a provider is an addon, so that one
    // which can be loaded is refused as "did not self-register".
    process.dlopen({ exports: {} }, file);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.includes('did not self-register') ? undefined : message;
  }
}
