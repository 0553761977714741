import type { ExecutionProvider } from '@shardmill/core';

/**
 * What a message of ONNX Runtime is about:
 * - `host-memory`, `device-memory`: no room; fewer rows may fit.
 * - `device-lost`: the device takes no more work from this process, whatever the rows.
 * - `model`: anything else; the rows or the model itself.
 */
export type FailureKind = 'host-memory' | 'device-memory' | 'device-lost' | 'model';

/** @param provider the one that computes; the arena says the same of every kind of memory. */
export function classifyFailure(message: string, provider: ExecutionProvider): FailureKind {
  const onDevice = provider !== 'cpu';
  if (onDevice && DEVICE_LOST.some((text) => text.test(message))) return 'device-lost';
  if (HOST_MEMORY.some((text) => text.test(message))) return 'host-memory';
  const memory = onDevice ? [...ANY_MEMORY, ...DEVICE_MEMORY] : ANY_MEMORY;
  if (!memory.some((text) => text.test(message))) return 'model';
  return onDevice ? 'device-memory' : 'host-memory';
}

/** Messages of the C++ library and of V8, which know no device. */
const HOST_MEMORY = [
  /std::bad_alloc|bad allocation/,
  /Array buffer allocation failed/,
  /HOST_ALLOCATION_FAILED/,
];

const ANY_MEMORY = [
  /Failed to allocate memory/i,
  /Available memory of \d+ is smaller than requested bytes/,
  /out of memory/i,
];

const DEVICE_MEMORY = [
  // cuBLAS, cuDNN, cuFFT, cuSPARSE.
  /\bCU[A-Z]+_(?:STATUS_)?ALLOC_FAILED/,
  /DEVICE_ALLOCATION_FAILED/,
  // TensorRT.
  /\bOutOfMemory\b/,
  /GPU memory \(\d+ bytes\) could not be allocated/,
  // DirectML: E_OUTOFMEMORY.
  /\b8007000E\b|Not enough memory resources/i,
  // WebGPU: a buffer that was not made is reported where it is used.
  /OUT_OF_DEVICE_MEMORY/,
  /exceeds the max (?:storage )?buffer (?:binding )?size limit/i,
  /\[Invalid Buffer[^\]]*\] is invalid due to a previous error/,
];

const DEVICE_LOST = [
  // Errors after which CUDA refuses every further call of the process: busy or unavailable, ECC,
  // illegal address, time-out, destroyed context, assert, stack, instruction, address, counter,
  // launch failure, unknown (driver_types.h).
  /CUDA failure (?:46|214|700|702|709|710|714|715|716|717|718|719|999)\b/,
  // DirectML: DXGI_ERROR_DEVICE_REMOVED, _HUNG, _RESET, _DRIVER_INTERNAL_ERROR.
  /\b887A00(?:05|06|07|20)\b/i,
  /\bdevice (?:is|was) lost\b|\bdevice lost\b/i,
];
