// Fetches ONNX Runtime's CUDA provider, which is not in its npm package, and has it compute
// something. Linux on x64; docs/gpu.md says what must be on the machine.
//
//   node scripts/install-cuda-provider.mjs            install, then check
//   node scripts/install-cuda-provider.mjs --check    check alone
//   node scripts/install-cuda-provider.mjs --install  install alone, where there is no device
//   … --package FOLDER                                another onnxruntime-node than this workspace's
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Adds two numbers: `y = x + x` as an ONNX file of opset 13, refused where the CPU would do it. */
const PROBE = `
const ort = require(process.argv[1]);
const model = Buffer.from('CAcSCXNoYXJkbWlsbDpLChUKAXgKAXgSAXkaBUFkZF8wIgNBZGQSBmRvdWJsZVoUCgF4Eg8KDQgBEgkKAxIBTgoCCAFiFAoBeRIPCg0IARIJCgMSAU4KAggBQgQKABAN', 'base64');
const options = { executionProviders: ['cuda'], extra: { session: { disable_cpu_ep_fallback: '1' } } };
(async () => {
  const session = await ort.InferenceSession.create(model, options);
  const x = new ort.Tensor('float32', Float32Array.of(21), [1, 1]);
  const { y } = await session.run({ x }, ['y']);
  if (y.data[0] !== 42) throw new Error('21 + 21 came to ' + y.data[0]);
  console.log('computed');
})().catch((error) => {
  console.log(error.message);
  process.exit(1);
});
`;

const { values } = parseArgs({
  options: {
    check: { type: 'boolean' },
    install: { type: 'boolean' },
    package: { type: 'string' },
  },
});
const folder = values.package === undefined ? ownPackage() : path.resolve(values.package);
const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const libraries = path.join(folder, 'bin', 'napi-v6', 'linux', 'x64');

if (process.platform !== 'linux' || process.arch !== 'x64') {
  fail(`the CUDA provider is for linux/x64; this is ${process.platform}/${process.arch}`);
}
say(`onnxruntime-node ${version} in ${folder}`);
if (values.check !== true) install();
if (values.install !== true) check();

/** The one that workers use. */
function ownPackage() {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const worker = createRequire(path.join(root, 'packages', 'worker', 'package.json'));
  return path.dirname(path.dirname(realpathSync(worker.resolve('onnxruntime-node'))));
}

/** Runs the package's own script: a download of about 200 MB from NuGet. */
function install() {
  // `true` means: what there is for this system. The names of versions that the script's comments
  // name are not taken by it (1.30), and CUDA 12 is no longer behind the one called so.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'true' };
  const script = path.join(folder, 'script', 'install.js');
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit', cwd: folder, env });
  if (status !== 0)
    fail('the script of onnxruntime-node failed: does a proxy need GLOBAL_AGENT_HTTPS_PROXY?');
}

function check() {
  const files = ['shared', 'cuda'].map((name) =>
    path.join(libraries, `libonnxruntime_providers_${name}.so`),
  );
  for (const file of files) {
    if (!existsSync(file)) fail(`there is no ${file}`, 'Run this script without --check.');
  }
  const missing = files.flatMap(missingLibraries);
  if (missing.length > 0) {
    fail(
      `these libraries are not found: ${[...new Set(missing)].join(', ')}`,
      'Install the CUDA and cuDNN of these versions, or add their folders to LD_LIBRARY_PATH; libcuda.so.1 comes with the driver, into a container by the NVIDIA Container Toolkit.',
    );
  }
  // It runs in a process of its own, which a driver that does not fit may end.
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROBE, folder], {
    encoding: 'utf8',
  });
  if (!stdout.includes('computed')) fail(`CUDA cannot be used: ${stdout}${stderr}`.trim());
  say('CUDA computes: jobs can ask for it with executionProviders: ["cuda"]');
}

/** What the system's loader would not find. */
function missingLibraries(file) {
  const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function fail(text, remedy = 'docs/gpu.md says what must be on the machine.') {
  process.stderr.write(`${text}\n${remedy}\n`);
  process.exit(1);
}
