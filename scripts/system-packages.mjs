// What the tests run against, from the system's packages: Redis, Ceph's object gateway as S3
// server, and Python for the readers of results. What is missing is installed where that needs no password.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Debian packages by the program that each is there for. */
const PROGRAMS = new Map([
  ['redis-server', 'redis-server'],
  ['radosgw', 'radosgw'],
  ['ceph-mon', 'ceph-mon'],
  ['ceph-osd', 'ceph-osd'],
  ['python3', 'python3-venv'],
  ['make', 'make'],
  ['jq', 'jq'],
]);

/** Without them the tests that need them fail, each by its name. */
export function installSystemPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const prefix = withoutPassword();
  if (prefix !== undefined) {
    process.stderr.write(`Installing for the tests: ${missing.join(' ')} …\n`);
    apt(prefix, ['update']);
    apt(prefix, command.split(' ').slice(1));
    // Installing it may have started it as a service of the machine, which was not asked for.
    if (missing.includes('redis-server') && onPath('redis-server')) {
      quietly([...prefix, 'service', 'redis-server', 'stop']);
    }
  }
  const still = missingPackages();
  if (still.length === 0) return;
  process.stderr.write(
    `Not installed: ${still.join(', ')}. The tests that need them will fail.\n` +
      `On Debian or Ubuntu: sudo ${command}\n`,
  );
}

function missingPackages() {
  return [...PROGRAMS].filter(([program]) => !onPath(program)).map(([, name]) => name);
}

/** What to write before a command to run it as root, or undefined where that is not possible. */
function withoutPassword() {
  if (!onPath('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return quietly(['sudo', '-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function apt(prefix, args) {
  // Runlevel 1 keeps the services that are installed from being started.
  const set = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'PREVLEVEL=N'];
  const [program, ...rest] = [...prefix, 'env', ...set, 'apt-get', '-qq', ...args];
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
  if (status !== 0) process.stderr.write(`apt-get ${args[0]} failed:\n${stdout}${stderr}`);
}

function quietly([program, ...args]) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function onPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
