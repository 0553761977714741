// What every command of the workspace needs first: a Node that is new enough, the dependencies of
// the lock file, and a build that is not older than the sources. Uses Node alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
/** The pinned pnpm, which need not be on the machine. */
const PNPM = ['--yes', manifest.packageManager];

/** Runs a program in the root folder; ends this process with its exit code if it fails. */
export function run(program, args, options = {}) {
  const status = statusOf(program, args, options);
  if (status !== 0) process.exit(status);
}

/** Runs a program in the root folder. @returns its exit code. */
function statusOf(program, args, options) {
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    ...options,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', ...options.env },
  });
  if (result.error) fail(`cannot run ${program}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs turbo, which wants pnpm on the path: through the pinned one. @returns its exit code. */
export function turbo(args, options = {}) {
  return statusOf('npx', [...PNPM, 'exec', 'turbo', ...args], options);
}

export function install() {
  requireNode();
  const stamp = path.join(root, 'node_modules', '.shardmill-installed');
  const wanted = digestOf([
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    ...manifests(),
  ]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('Installing the dependencies of the lock file …\n');
  run('npx', [...PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    stdio: ['ignore', 2, 2],
  });
  writeFileSync(stamp, wanted);
}

export function build() {
  const stamp = path.join(root, 'node_modules', '.shardmill-built');
  const newest = Math.max(
    ...['packages', 'bench', 'test/kit'].map((folder) => newestSource(folder)),
  );
  const complete = [
    ...['core', 'scheduler', 'worker', 'client', 'cli'].map((name) => `${name}/dist/index.js`),
    'cli/bundle/main.js',
  ].every((file) => existsSync(path.join(root, 'packages', file)));
  if (complete && existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return;
  process.stderr.write('Building …\n');
  const started = new Date();
  const built = turbo(['run', 'build', '--output-logs=errors-only', '--log-order=grouped'], {
    stdio: ['ignore', 2, 2],
  });
  if (built !== 0) process.exit(built);
  writeFileSync(stamp, started.toISOString());
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Node ${process.versions.node} is too old: Shardmill needs 20.19 or later.`);
}

function manifests() {
  const folders = ['jobs', 'test', 'test/kit', 'bench'];
  for (const name of readdirSync(path.join(root, 'packages'))) folders.push(`packages/${name}`);
  return folders.map((folder) => `${folder}/package.json`);
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const full = path.join(root, file);
    if (existsSync(full)) hash.update(file).update(readFileSync(full));
  }
  return hash.digest('hex');
}

/** Time of the newest file that a build reads. */
function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist', '.turbo', '.work'].includes(entry.name)) {
        newest = Math.max(newest, newestSource(file));
      }
    } else if (/\.(ts|json)$/.test(entry.name) && !entry.name.endsWith('.tsbuildinfo')) {
      newest = Math.max(newest, statSync(path.join(root, file)).mtimeMs);
    }
  }
  return newest;
}

function fail(message) {
  process.stderr.write(`error  ${message}\n`);
  process.exit(1);
}
