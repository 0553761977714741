// npm run sbom -- [FILE]: what the command line is made of, as CycloneDX 1.6, from the lock file by the
// pinned pnpm: packages that are only for development are not in it. To standard output without FILE.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const format = ['--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6'];
const options = ['--prod', '--lockfile-only', '--sbom-type', 'application', ...format];
const { status, stdout, stderr } = spawnSync(
  'npx',
  ['--yes', packageManager, '--filter', 'shardmill', 'sbom', ...options],
  { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
);
if (status !== 0) {
  process.stderr.write(`error  pnpm sbom failed\n${stderr}`);
  process.exit(1);
}
const file = process.argv[2];
if (file === undefined) process.stdout.write(stdout);
else {
  writeFileSync(path.resolve(file), stdout);
  process.stderr.write(`${file}: ${JSON.parse(stdout).components.length} components\n`);
}
