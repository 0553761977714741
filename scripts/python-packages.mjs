// The Parquet readers of Python that test/readers reads results with: in a virtual environment of
// this workspace, made anew when the requirements change.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './workspace.mjs';

const REQUIREMENTS = path.join(root, 'test', 'readers', 'requirements.txt');
const FOLDER = path.join(root, 'node_modules', '.shardmill-python');

/** Without them the tests that need them fail, each by its name. */
export function installPythonPackages() {
  const stamp = path.join(FOLDER, 'installed.txt');
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('Installing for the tests: the Parquet readers of Python …\n');
  rmSync(FOLDER, { recursive: true, force: true });
  const python = path.join(FOLDER, 'bin', 'python');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  if (
    succeeds('python3', ['-m', 'venv', FOLDER]) &&
    succeeds(python, [...pip, '--only-binary=:all:', '-r', REQUIREMENTS])
  ) {
    writeFileSync(stamp, wanted);
    return;
  }
  process.stderr.write(
    'Not installed: the Parquet readers of Python. The tests in test/readers will fail.\n' +
      'They need Python 3.10 to 3.13 with venv and pip, and PyPI. On Debian or Ubuntu: sudo apt-get install python3-venv\n',
  );
}

function succeeds(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return true;
  process.stderr.write(`${program} ${args[1] ?? ''}: ${error?.message ?? `${stdout}${stderr}`}\n`);
  return false;
}
