// npm run check:deploy: the checks of deploy/ by the tools themselves, which are Go programs: helm,
// kubectl-validate and the loader of Docker Compose, in the versions of test/deploy/tools; and
// promtool, which is Prometheus' own, for the alert rules. What
// helm says is kept in test/deploy/rendered, where the tests read it without Go.
//
//   npm run check:deploy               checks everything; what is kept must be what helm says
//   npm run check:deploy -- --write    the same, and renews what is kept
//   npm run check:deploy -- --digests  only whether anything changed since then; needs no Go
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { changedFiles, keepDigests } from './deploy-digests.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const CHART = path.join(root, 'deploy', 'helm', 'shardmill');
const COMPOSE = path.join(root, 'deploy', 'compose.yaml');
const CHECKS = path.join(root, 'test', 'deploy');
const VALUES = path.join(CHECKS, 'values');
/** Manifests for users to copy. */
const EXAMPLES = path.join(root, 'examples', 'kubernetes');
/** The program of each module, as `go tool` calls it. */
const PROGRAMS = { helm: 'helm', 'kubectl-validate': 'kubectl-validate', compose: 'cmd' };
/** The chart's kubeVersion, and the newest API whose schemas kubectl-validate has. */
const API_VERSIONS = ['1.27', '1.30'];
/** Kinds of others, which the API server does not know: chart.test.ts has their schemas. */
const CUSTOM = /^apiVersion: (?:keda\.sh|monitoring\.coreos\.com)\//m;
const RENEW = 'run npm run check:deploy -- --write (it needs Go 1.24 or later)';

const { values: options } = parseArgs({
  options: { write: { type: 'boolean' }, digests: { type: 'boolean' } },
});
let problems = 0;
if (options.digests !== true) checkWithTools();
// What is kept must be renewed only when the tools find nothing.
if (problems === 0) {
  const changed = changedFiles();
  if (changed.length > 0) problem(`changed since check:deploy: ${changed.join(', ')}`, RENEW);
}
if (problems > 0) fail(`deploy/: ${problems} problem${problems > 1 ? 's' : ''}`);
process.stdout.write('deploy/ is in order\n');

function checkWithTools() {
  buildTools();
  const made = new Map([['schema/compose-spec.json', composeSchema()]]);
  for (const name of variantsIn(VALUES)) {
    progress(`the chart with ${name}.yaml`);
    made.set(`rendered/${name}.yaml`, render(name));
  }
  checkValidator(made.get('rendered/least.yaml') ?? '');
  progress('the examples');
  for (const name of fs.readdirSync(EXAMPLES)) checkExample(name);
  progress('what the chart refuses');
  for (const name of variantsIn(path.join(VALUES, 'refused'))) {
    const { status, stderr } = helm('template', [`refused/${name}`]);
    if (status === 0) problem(`helm does not refuse refused/${name}.yaml`);
    made.set(`rendered/refused/${name}.txt`, stderr);
  }
  progress('the compose file');
  const loaded = goTool('compose', ['-format=json', COMPOSE], { COMPOSE_PROFILES: 'tools' });
  if (loaded.status !== 0) problem('the loader of Docker Compose refuses the file', loaded.stderr);

  progress('the alert rules');
  checkAlerts();

  if (problems > 0) return;
  if (options.write === true) write(made);
  else compare(made);
}

/** Lints the chart with these values, renders it, and has the API server's schemas accept it. */
function render(variant) {
  const names = [...new Set(['least', variant])];
  const linted = helm('lint', names);
  const said = `${linted.stdout}${linted.stderr}`;
  if (linted.status !== 0 || !said.includes('0 chart(s) failed'))
    problem(`helm lint with ${variant}.yaml`, said);
  const { status, stdout, stderr } = helm('template', names);
  if (status !== 0) problem(`helm template with ${variant}.yaml`, stderr);
  for (const version of API_VERSIONS) {
    const refusal = refusalOf(stdout, version);
    if (refusal !== '') problem(`Kubernetes ${version} refuses ${variant}.yaml`, refusal);
  }
  return stdout;
}

/** A validator that finds nothing wrong proves nothing. */
function checkValidator(manifests) {
  const wrong = manifests.replaceAll(/^ {2}replicas:/gm, '  replics:');
  if (refusalOf(wrong, '1.30').includes('spec.replics')) return;
  problem('kubectl-validate does not find a field that is misspelt');
}

function checkExample(name) {
  const manifest = fs.readFileSync(path.join(EXAMPLES, name), 'utf8');
  for (const version of API_VERSIONS) {
    const refusal = refusalOf(manifest, version);
    if (refusal !== '')
      problem(`Kubernetes ${version} refuses examples/kubernetes/${name}`, refusal);
  }
}

/** What the API server of a version would say of objects of its own kinds; '' for nothing. */
function refusalOf(manifests, version) {
  const own = manifests.split(/^---\n/m).filter((text) => text !== '' && !CUSTOM.test(text));
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'shardmill-deploy-'));
  try {
    const file = path.join(folder, 'manifests.yaml');
    fs.writeFileSync(file, own.join('---\n'));
    const { status, stdout, stderr } = goTool('kubectl-validate', ['--version', version, file]);
    return status === 0 ? '' : `${stdout}${stderr}`;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The cases of the alert rules, evaluated by Prometheus itself. */
function checkAlerts() {
  const cases = path.join(CHECKS, 'alerts-cases.yaml');
  const { status, stdout, stderr, error } = spawnSync('promtool', ['test', 'rules', cases], {
    encoding: 'utf8',
  });
  if (error !== undefined)
    problem('promtool cannot be run: it is in the Debian package prometheus');
  else if (status !== 0) problem('the alert rules fail their cases', stdout + stderr);
}

function helm(command, names) {
  return goTool('helm', [
    ...(command === 'lint' ? ['lint', '--strict', CHART] : ['template', 'shardmill', CHART]),
    ...names.flatMap((name) => ['--values', path.join(VALUES, `${name}.yaml`)]),
    '--kube-version',
    '1.30.0',
    '--namespace',
    'scoring',
  ]);
}

/** The schema of compose files in the version of the loader. */
function composeSchema() {
  const args = ['list', '-m', '-f', '{{.Dir}}', 'github.com/compose-spec/compose-go/v2'];
  const { stdout } = go(args, 'compose');
  return fs.readFileSync(path.join(stdout.trim(), 'schema', 'compose-spec.json'), 'utf8');
}

function variantsIn(folder) {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return names.map((name) => path.basename(name, '.yaml')).toSorted();
}

function compare(made) {
  for (const [name, text] of made) {
    const file = path.join(CHECKS, name);
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
    problem(`test/deploy/${name} is not what the tools say now`, RENEW);
  }
}

/** Renews what is kept; what no values make any more goes. */
function write(made) {
  fs.rmSync(path.join(CHECKS, 'rendered'), { recursive: true, force: true });
  for (const [name, text] of made) {
    const file = path.join(CHECKS, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  keepDigests();
}

/** Builds the tools, which takes minutes on a machine that never did. */
function buildTools() {
  const { error, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor = 0] = /go1\.(\d+)/.exec(stdout ?? '') ?? [];
  if (error !== undefined || Number(minor) < 24) {
    const found = error === undefined ? stdout.trim() : 'there is no go on the path';
    fail(`check:deploy needs Go 1.24 or later (${found}): https://go.dev/dl`);
  }
  for (const name of Object.keys(PROGRAMS)) {
    progress(`building ${name}`);
    const { status, stderr } = goTool(name, ['--help']);
    if (status !== 0) fail(`cannot build ${name}: ${stderr}`);
  }
}

function goTool(name, args, env) {
  return go(['tool', PROGRAMS[name], ...args], name, env);
}

function go(args, module, env = {}) {
  const result = spawnSync('go', args, {
    cwd: path.join(CHECKS, 'tools', module),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, GOFLAGS: '-mod=readonly', NO_COLOR: '1', ...env },
  });
  if (result.error !== undefined) fail(`cannot run go ${args[0]}: ${result.error.message}`);
  return result;
}

function progress(text) {
  process.stdout.write(`${text} …\n`);
}

function problem(text, detail = '') {
  problems += 1;
  process.stderr.write(`error  ${text}\n${detail.trim()}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
