// npm test: install, the servers and Python packages that tests need too; then format, lint, types, unused code,
// words, build and all tests, by turbo.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { installPythonPackages } from './python-packages.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { install, root, turbo } from './workspace.mjs';

install();
installSystemPackages();
installPythonPackages();
const reports = path.join(root, 'node_modules', '.shardmill-test-reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const tasks = [
  'check:format',
  'check:lint',
  'check:types',
  'check:unused',
  'check:words',
  'build',
  'test',
];
const status = turbo(
  ['run', ...tasks, '--continue=dependencies-successful', '--concurrency=2', '--log-order=stream'],
  { stdio: ['ignore', 'inherit', 'inherit'], env: { SHARDMILL_TEST_REPORTS: reports } },
);

/** The beginning of a message, which says what went wrong; the whole message is further up. */
const firstLines = (message) => message.split('\n').slice(0, 12).join('\n    ');

let passed = 0;
let failed = 0;
for (const name of readdirSync(reports)) {
  const report = JSON.parse(readFileSync(path.join(reports, name), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  if (skipped > 0) {
    process.stdout.write(
      `${skipped} tests were skipped in ${name}: a skipped test proves nothing\n`,
    );
    failed += skipped;
  }
  for (const suite of report.testResults.filter((result) => result.status === 'failed')) {
    process.stdout.write(`\nfailed: ${path.relative(root, suite.name)}\n`);
    if (suite.message) process.stdout.write(`  ${firstLines(suite.message)}\n`);
    for (const test of suite.assertionResults.filter((one) => one.status === 'failed')) {
      process.stdout.write(`  ${test.fullName}\n`);
      for (const message of test.failureMessages) {
        process.stdout.write(`    ${firstLines(message)}\n`);
      }
    }
  }
}
if (status !== 0) process.stdout.write('A check failed: its name is above.\n');
process.stdout.write(`\ntests: ${passed} passed, ${failed} failed\n`);
process.exit(status !== 0 || failed > 0 || passed === 0 ? 1 : 0);
