// Makes the folder that goes into the images: the command line with what it needs in production,
// and nothing else. The workspace must be installed and built.
//
//   node deploy/make-tree.mjs FOLDER
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.resolve(process.argv[2] ?? fail('say where: node deploy/make-tree.mjs FOLDER'));
if (existsSync(folder)) fail(`${folder} exists`);

const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const pnpm = ['--yes', packageManager, '--filter', 'shardmill', 'deploy', '--prod', folder];
const { status } = spawnSync('npx', pnpm, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
if (status !== 0) fail('pnpm deploy failed');

// What pnpm would need to go on in this folder.
for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
  rmSync(path.join(folder, name), { force: true });
}
removeTests();
keepOwnPlatform();
process.stdout.write(`${folder} is ready\n`);

/** What a package compiled of its tests. */
function removeTests() {
  const own = path.join(folder, 'node_modules', '@shardmill');
  for (const at of [
    folder,
    ...readdirSync(own).map((name) => realpathSync(path.join(own, name))),
  ]) {
    const dist = path.join(at, 'dist');
    for (const file of readdirSync(dist, { recursive: true })) {
      if (/\.test\.|^testing$/.test(file)) {
        rmSync(path.join(dist, file), { recursive: true, force: true });
      }
    }
  }
}

/** ONNX Runtime's package has the libraries of all systems: 240 MB that are not ours. */
function keepOwnPlatform() {
  const worker = realpathSync(path.join(folder, 'node_modules', '@shardmill', 'worker'));
  const packages = path.dirname(path.dirname(worker));
  const libraries = path.join(
    realpathSync(path.join(packages, 'onnxruntime-node')),
    'bin',
    'napi-v6',
  );
  for (const platform of readdirSync(libraries)) {
    for (const arch of readdirSync(path.join(libraries, platform))) {
      if (platform === process.platform && arch === process.arch) continue;
      rmSync(path.join(libraries, platform, arch), { recursive: true });
    }
  }
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
