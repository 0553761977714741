// Which state of deploy/ the tools of check-deploy.mjs have checked: a digest of every file that
// they read, and of what they made, in the form of sha256sum.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const KEPT = 'test/deploy/rendered/sources.sha256';
const SOURCES = [
  'deploy/helm',
  'deploy/compose.yaml',
  'examples/kubernetes',
  'test/deploy/alerts-cases.yaml',
  'test/deploy/tools',
  'test/deploy/values',
];
const MADE = ['test/deploy/rendered', 'test/deploy/schema/compose-spec.json'];

/** Files that came, went or changed since the digests were kept; all, where none are. */
export function changedFiles() {
  const file = path.join(root, KEPT);
  const kept = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const now = digests();
  const changed = [
    ...now.filter((line) => !kept.includes(line)),
    ...kept.filter((line) => !now.includes(line)),
  ];
  const files = changed.filter((line) => line !== '').map((line) => line.slice(66));
  return [...new Set(files)].toSorted(byName);
}

export function keepDigests() {
  writeFileSync(path.join(root, KEPT), `${digests().join('\n')}\n`);
}

function digests() {
  const files = [...SOURCES, ...MADE].flatMap(filesAt).filter((file) => file !== KEPT);
  return files.toSorted(byName).map((file) => {
    const digest = createHash('sha256').update(readFileSync(path.join(root, file)));
    return `${digest.digest('hex')}  ${file}`;
  });
}

function filesAt(at) {
  const full = path.join(root, at);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [at];
  return readdirSync(full).flatMap((name) => filesAt(`${at}/${name}`));
}

/** Compares by code units: the order must not depend on the machine's language. */
function byName(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
