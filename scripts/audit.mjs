// npm run audit:deps: known vulnerabilities of what is used in production, by the pinned pnpm. It asks the
// registry; one that does not answer such questions is said so, and is no finding (exit code 2).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const { status, stdout, stderr } = spawnSync('npx', ['--yes', packageManager, 'audit', '--prod'], {
  cwd: root,
  encoding: 'utf8',
});
process.stdout.write(stdout);
process.stderr.write(stderr);
const unanswered = /ERR_PNPM_AUDIT_BAD_RESPONSE|ENOTFOUND|ECONNREFUSED|ETIMEDOUT/.test(
  stdout + stderr,
);
if (unanswered) {
  process.stderr.write(
    'The registry does not answer questions about vulnerabilities: nothing was checked.\n',
  );
}
process.exit(unanswered ? 2 : (status ?? 1));
