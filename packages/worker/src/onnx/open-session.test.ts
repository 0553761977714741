import type { ExecutionProvider } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { openSession } from './open-session.js';

// As onnxruntime-node 1.30 says them on a machine without a device.
const NO_CUDA = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';
const NO_TENSORRT =
  'OrtSessionOptionsAppendExecutionProvider_TensorRT: Failed to load shared library';
const NO_ADAPTER =
  '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n';
const OLD_DRIVER =
  'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; hostname=node ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=336 ; expr=cudaSetDevice(info_.device_id);';
const LEFT_TO_CPU =
  'This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.';
const NO_OPERATOR = 'Fatal error: acme:Frobnicate(-1) is not a registered function/op';

interface Machine {
  /** The message for each provider that cannot be used. */
  readonly without?: Partial<Record<ExecutionProvider, string>>;
  /** The message of every session that loads the model. */
  readonly fault?: string;
  /** Whether a part of the model is computed by nothing but the CPU. */
  readonly leaves?: boolean;
}

/** ONNX Runtime as it behaves: one provider that is missing, and the whole list is refused. */
function machine({ without = {}, fault, leaves = false }: Machine) {
  const supported = ['cpu', 'cuda', 'tensorrt', 'webgpu'];
  const sessions: { providers: readonly ExecutionProvider[]; released: boolean }[] = [];
  const create = async (providers: readonly ExecutionProvider[], alone: boolean) => {
    for (const provider of providers) {
      if (without[provider] !== undefined) throw new Error(without[provider]);
    }
    if (fault !== undefined) throw new Error(fault);
    if (alone && leaves) throw new Error(LEFT_TO_CPU);
    const entry = { providers, released: false };
    sessions.push(entry);
    return {
      providers,
      release: async () => {
        entry.released = true;
      },
    };
  };
  const open = (...providers: ExecutionProvider[]) =>
    openSession(create, { modelPath: '/m.onnx', providers, supported, explain: () => undefined });
  return { open, sessions };
}

describe('a session', () => {
  it('has the provider that is preferred, and no other where it computes all of the model', async () => {
    const { open, sessions } = machine({});
    expect((await open('cuda', 'cpu')).report).toEqual({ providers: ['cuda'], missing: [] });
    expect(sessions).toHaveLength(1);
  });

  it('reports that some of the model is left to the CPU', async () => {
    const { open } = machine({ leaves: true });
    expect((await open('cuda')).report.providers).toEqual(['cuda', 'cpu']);
  });

  it('is one of the CPU where nothing else is asked for', async () => {
    const { open, sessions } = machine({ without: { cuda: NO_CUDA } });
    expect((await open('cpu')).report).toEqual({ providers: ['cpu'], missing: [] });
    expect((await open('cpu', 'cuda')).report).toEqual({ providers: ['cpu'], missing: [] });
    expect(sessions.map(({ providers }) => providers)).toEqual([['cpu'], ['cpu']]);
  });

  it.each([
    ['cuda', NO_CUDA],
    ['tensorrt', NO_TENSORRT],
    ['webgpu', NO_ADAPTER],
    ['cuda', OLD_DRIVER],
  ] as const)('has the next provider where %s is missing', async (provider, said) => {
    const { open } = machine({ without: { [provider]: said } });
    const { session, report } = await open(provider, 'cpu');
    expect(session.providers).toEqual(['cpu']);
    expect(report.missing).toEqual([{ provider, reason: expect.any(String) }]);
    expect(report.providers).toEqual(['cpu']);
  });

  it('has the next provider where one is not of this system, which ONNX Runtime drops in silence', async () => {
    const { open, sessions } = machine({});
    const { report } = await open('dml', 'cuda', 'cpu');
    const reason = 'not a provider of ONNX Runtime on this system';
    expect(report).toEqual({ providers: ['cuda'], missing: [{ provider: 'dml', reason }] });
    expect(sessions.map(({ providers }) => providers)).toEqual([['cuda']]);
  });

  it('drops the provider that is missing, not the one before it', async () => {
    const { open } = machine({ without: { tensorrt: NO_TENSORRT } });
    const { session } = await open('tensorrt', 'cuda', 'cpu');
    expect(session.providers).toEqual(['cuda']);
    const other = machine({ without: { cuda: NO_CUDA } });
    expect((await other.open('tensorrt', 'cuda', 'cpu')).session.providers).toEqual(['tensorrt']);
  });

  it('is made without a provider that fails in words that are not known', async () => {
    const { open, sessions } = machine({ without: { cuda: 'something quite new' } });
    const { report } = await open('cuda', 'cpu');
    expect(report.missing).toEqual([{ provider: 'cuda', reason: 'something quite new' }]);
    // The one by which it was found out that the model is not at fault is not kept.
    expect(sessions.filter(({ released }) => !released)).toHaveLength(1);
  });
});

describe('a session that cannot be had', () => {
  it('names each provider, what ONNX Runtime said and what to do', async () => {
    const { open } = machine({ without: { tensorrt: NO_TENSORRT, cuda: NO_CUDA } });
    await expect(open('tensorrt', 'cuda')).rejects.toMatchObject({
      code: 'PROVIDER_MISSING',
      message: `ONNX Runtime here cannot use tensorrt: ${NO_TENSORRT}; cuda: ${NO_CUDA}`,
      where: 'resources.executionProviders',
      remedy: expect.stringContaining(
        "scripts/install-cuda-provider.mjs (`shardmill docs gpu`), TensorRT beside it, or name a fallback: executionProviders: ['tensorrt', 'cuda', 'cpu'].",
      ),
    });
  });

  it('names a provider that is not of this system', async () => {
    await expect(machine({}).open('dml')).rejects.toMatchObject({
      code: 'PROVIDER_MISSING',
      message: expect.stringContaining('dml: not a provider of ONNX Runtime on this system'),
      remedy: expect.stringContaining('It is there on Windows alone'),
    });
  });

  it('adds why the library cannot be loaded', async () => {
    const opened = openSession(
      async () => {
        throw new Error(NO_CUDA);
      },
      {
        modelPath: '/m.onnx',
        providers: ['cuda'],
        supported: ['cpu', 'cuda'],
        explain: (provider) => `${provider}: libcublasLt.so.12 is not there`,
      },
    );
    await expect(opened).rejects.toThrow(`${NO_CUDA} (cuda: libcublasLt.so.12 is not there)`);
  });

  it.each([['cpu'], ['cuda', 'cpu'], ['cuda']] as const)(
    'is the fault of a model that nothing can load, with %s %s',
    async (...providers) => {
      const { open } = machine({ fault: NO_OPERATOR });
      await expect(open(...providers)).rejects.toMatchObject({
        code: 'MODEL_OPERATOR_UNSUPPORTED',
        where: '/m.onnx',
      });
    },
  );

  it('is one of a device without room, also with a fallback: the next worker may have it', async () => {
    const { open } = machine({ without: { cuda: 'CUDA failure 2: out of memory ; GPU=0' } });
    await expect(open('cuda', 'cpu')).rejects.toMatchObject({
      code: 'DEVICE_OUT_OF_MEMORY',
      message: expect.stringContaining('loading the model: CUDA failure 2'),
    });
  });

  it('is one of a device that is lost', async () => {
    const said = 'CUDA failure 46: all CUDA-capable devices are busy or unavailable';
    const { open } = machine({ without: { cuda: said } });
    await expect(open('cuda', 'cpu')).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
  });
});
