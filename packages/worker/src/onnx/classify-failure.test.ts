import { describe, expect, it } from 'vitest';
import { classifyFailure } from './classify-failure.js';

// As ONNX Runtime 1.30 said them here (CPU, WebGPU on a software device), or as they stand in
// reports of others: onnxruntime#20038, #22702, #16512, #10657, #26312, #11561, #10770, #23121;
// Deep-Live-Cam#584, #645; diffusers#552, #791; TensorRT#3017.
const RUN = "Non-zero status code returned while running Conv node. Name:'Conv_3' Status Message: ";
const ARENA =
  'void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 34359738368';
const ARENA_LIMIT =
  'onnxruntime::BFCArena::AllocateRawInternal Available memory of 34699008 is smaller than requested bytes of 945041920';

describe('no room on a device is', () => {
  it.each([
    ['the arena with no more to give', 'cuda', ARENA],
    ['the arena at its limit', 'cuda', ARENA_LIMIT],
    [
      'cudaMalloc',
      'cuda',
      'CUDA failure 2: out of memory ; GPU=0 ; hostname=node ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_allocator.cc ; line=48 ; expr=cudaMalloc((void**)&p, size);',
    ],
    [
      'a stream',
      'cuda',
      'CUDA failure 2: out of memory ; GPU=0 ; hostname=node ; line=175 ; expr=cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);',
    ],
    [
      'cuBLAS',
      'cuda',
      'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=node ; line=168 ; expr=cublasCreate(&cublas_handle_);',
    ],
    ['cuDNN 8', 'cuda', 'CUDNN failure 2: CUDNN_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=node'],
    [
      'cuDNN 9',
      'cuda',
      'CUDNN failure 4003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0',
    ],
    ['cuFFT', 'cuda', 'CUFFT failure 2: CUFFT_ALLOC_FAILED ; GPU=0 ; hostname=node'],
    [
      'TensorRT',
      'tensorrt',
      '../rtSafe/safeRuntime.cpp (25) - Cuda Error in allocate: 2 (out of memory)',
    ],
    ['TensorRT 8', 'tensorrt', 'Error Code 2: OutOfMemory (no further information)'],
    [
      'TensorRT at a limit',
      'tensorrt',
      'Requested amount of GPU memory (17920000000 bytes) could not be allocated.',
    ],
    [
      'DirectML',
      'dml',
      'MLOperatorAuthorImpl.cpp(1978) (caller: 00007FFBDCFFDEFF) Exception(3) tid(4304) 8007000E Not enough memory resources are available to complete this operation.',
    ],
    [
      'WebGPU: more than one buffer may hold',
      'webgpu',
      'WebGPU validation failed. Buffer size (2147483648) exceeds the max buffer size limit (1073741824). - While calling [Device].CreateBuffer([BufferDescriptor]).',
    ],
    [
      'WebGPU: a buffer that was not made',
      'webgpu',
      'WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error. - While validating entries[1] against { binding: 1 }.',
    ],
    [
      'Vulkan',
      'webgpu',
      'WebGPU device error(3): vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY',
    ],
  ] as const)('%s', (_, provider, message) => {
    expect(classifyFailure(RUN + message, provider)).toBe('device-memory');
  });
});

describe('no room in the memory of the machine is', () => {
  it.each([
    ['the arena of the CPU', 'cpu', ARENA],
    ['the arena of the CPU at its limit', 'cpu', ARENA_LIMIT],
    ['the C++ library', 'cpu', 'std::bad_alloc'],
    ['the C++ library of Windows', 'cpu', 'bad allocation'],
    ['V8', 'cpu', 'Array buffer allocation failed'],
    ['the C++ library beside a device', 'cuda', 'std::bad_alloc'],
    ['V8 beside a device', 'cuda', 'Array buffer allocation failed'],
    [
      'cuDNN 9',
      'cuda',
      'CUDNN failure 4002: CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED ; GPU=0',
    ],
  ] as const)('%s', (_, provider, message) => {
    expect(classifyFailure(RUN + message, provider)).toBe('host-memory');
  });
});

describe('a device that takes no more work is', () => {
  it.each([
    ['an illegal address', 'cuda', 'CUDA failure 700: an illegal memory access was encountered'],
    ['an assert', 'cuda', 'CUDA failure 710: device-side assert triggered ; GPU=0'],
    ['a failed launch', 'cuda', 'CUDA failure 719: unspecified launch failure ; GPU=0'],
    ['broken memory', 'cuda', 'CUDA failure 214: uncorrectable ECC error encountered ; GPU=0'],
    ['one in use', 'cuda', 'CUDA failure 46: all CUDA-capable devices are busy or unavailable'],
    [
      'a removed one',
      'dml',
      'Exception(1) tid(1f8) 887A0005 The GPU device instance has been suspended.',
    ],
    ['a lost one', 'webgpu', 'WebGPU device lost (2): Device was destroyed.'],
  ] as const)('%s', (_, provider, message) => {
    expect(classifyFailure(RUN + message, provider)).toBe('device-lost');
  });
});

describe('the rows or the model are behind', () => {
  it.each([
    ['an index out of bounds', 'cpu', 'indices element out of data bounds, idx=7 must be within'],
    ['the same on a device', 'cuda', 'indices element out of data bounds, idx=7 must be within'],
    [
      'a batch that cuDNN does not take',
      'cuda',
      'CUDNN failure 9: CUDNN_STATUS_NOT_SUPPORTED ; GPU=0 ; expr=cudnnBatchNormalizationForwardInference(',
    ],
    ['a launch that is too large', 'cuda', 'CUDA failure 9: invalid configuration argument'],
    ['a number that only looks like an error', 'cuda', 'Input shape:{700} requested shape:{2}'],
    ['a word of the device where there is none', 'cpu', 'CUBLAS_STATUS_ALLOC_FAILED'],
    ['nothing said', 'cpu', ''],
  ] as const)('%s', (_, provider, message) => {
    expect(classifyFailure(RUN + message, provider)).toBe('model');
  });
});
