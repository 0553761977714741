// Makes the ONNX model of all-MiniLM-L6-v2 from a Python package, embeds some texts with jobs/embed/minilm, and compares
// the vectors with those of another implementation. Left out, by name, where Python is missing.
//
//   node scripts/embed-minilm.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './workspace.mjs';

const job = path.join(root, 'jobs', 'embed', 'minilm');
const environment = path.join(root, 'node_modules', '.shardmill-minilm');
const python = path.join(environment, 'bin', 'python');
const program = path.join(job, 'make_minilm.py');
const files = path.join(job, 'files');

if (!succeeds('python3', ['-c', 'import venv'], 'ignore')) {
  leaveOut('there is no python3 with venv');
}
if (!installed()) leaveOut('its Python packages cannot be installed');
if (!existsSync(path.join(files, 'expected.npy'))) must(python, [program, files]);
must(process.execPath, [
  path.join(root, 'packages', 'cli', 'bin', 'shardmill.js'),
  'run',
  path.join(job, 'job.yaml'),
]);
must(python, [program, files, path.join(files, 'out')]);

function installed() {
  const requirements = path.join(job, 'requirements.txt');
  const stamp = path.join(environment, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  rmSync(environment, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const done =
    succeeds('python3', ['-m', 'venv', environment]) &&
    succeeds(python, [...pip, '--only-binary=:all:', '-r', requirements]);
  if (done) writeFileSync(stamp, wanted);
  return done;
}

function succeeds(command, args, stdio = 'inherit') {
  return spawnSync(command, args, { stdio }).status === 0;
}

function must(command, args) {
  if (!succeeds(command, args)) process.exit(1);
}

function leaveOut(why) {
  process.stderr.write(`left out: the embeddings of all-MiniLM-L6-v2: ${why}\n`);
  process.exit(0);
}
