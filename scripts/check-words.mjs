// Refuses retired words (docs/glossary.md) in code, documents and tests, and paths in documents that lead nowhere.
// `node scripts/check-words.mjs [FOLDER]` checks the repository, or another folder that is laid out like it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './workspace.mjs';

/** What is refused wherever it stands as a word of its own, and what to write instead. */
const RETIRED_WORDS = [
  [/\b(?:tells?|told)\b/i, 'report, show, say, distinguish, "is called with"'],
  [/\b(?:whoever|somebody|nobody)\b/i, 'the process, the user or the role that is meant'],
  [/\bin vain\b/i, 'failed, wasted, without effect'],
  [/\b(?:(?:lets?|letting) go of|letGo\w*)\b/i, 'release, cancel, abandon'],
  [/\bberths?\b/i, 'host, pool'],
  [/\b(?:dear|dearer|dearest)\b/i, 'expensive'],
  [/\b(?:shards?|tasks?|parts?|work|has|have|had) in hand\b/i, 'in flight'],
  [/\b(?:takes?|took|taken|taking) back\b/i, 'delete orphaned parts, take out of the queue'],
  [/\b(?:mend|mends|mended|mending)\b/i, 'fix, repair, correct'],
  [
    /\b(?:the|its|a|their|whole) story\b|\bstories\b/i,
    'history of attempts (only the stored key is `story`)',
  ],
  [/\b(?:MOST|LEAST|LONGEST|SHORTEST|FEWEST)_[A-Z]\w*/, 'MAX_ or MIN_, with the unit in the name'],
];

/** Files, and lines of them, that have to name a retired word. */
const EXCEPTIONS = [{ file: 'test/repository/check-words.test.ts', text: '' }];

const CHECKED = /^(?:packages\/[^/]+\/src\/|docs\/|test\/|README\.md$)/;
const TEXT = /\.(?:ts|mjs|js|md|py|sh)$/;
const DOCUMENT = /^(?:docs\/.*|[A-Z]+)\.md$/;
const NOT_SOURCES = new Set([
  '.git',
  '.turbo',
  '.work',
  'bundle',
  'dist',
  'dist-package',
  'node_modules',
]);

/** The glossary lists the retired words behind this heading. */
const GLOSSARY = 'docs/glossary.md';
const RETIRED_HEADING = '## Retired words';

/** A back-quoted path with a folder in it: from the root of the repository, or the end of such a path. */
const FILE_REFERENCE = /`((?:[\w.@-]+\/)+[\w.@-]+\.(?:ts|mjs))`/g;
/** Paths of a user's own job. */
const PLACEHOLDER = /^jobs\/(?:NAME|mine)\b/;

const folder = path.resolve(process.argv[2] ?? root);
const files = filesBelow(folder, '');
const findings = files.flatMap((file) => {
  if (!TEXT.test(file) || !(CHECKED.test(file) || DOCUMENT.test(file))) return [];
  const lines = readFileSync(path.join(folder, file), 'utf8').split('\n');
  return [
    ...(CHECKED.test(file) ? retiredWords(file, lines) : []),
    ...(DOCUMENT.test(file) ? missingFiles(file, lines) : []),
  ];
});
for (const finding of findings) process.stdout.write(`${finding}\n`);
if (findings.length > 0) {
  process.stdout.write(`${findings.length} words or paths to correct; see ${GLOSSARY}\n`);
  process.exitCode = 1;
}

/** @returns the paths of all files below a folder that are not built or installed. */
function filesBelow(base, below) {
  if (!existsSync(path.join(base, below))) return [];
  return readdirSync(path.join(base, below), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(below, entry.name);
    if (!entry.isDirectory()) return [file];
    return NOT_SOURCES.has(entry.name) ? [] : filesBelow(base, file);
  });
}

function retiredWords(file, lines) {
  const heading = file === GLOSSARY ? lines.indexOf(RETIRED_HEADING) : -1;
  const checked = heading === -1 ? lines : lines.slice(0, heading);
  return checked.flatMap((line, index) => {
    if (EXCEPTIONS.some((one) => one.file === file && line.includes(one.text))) return [];
    return RETIRED_WORDS.flatMap(([pattern, instead]) => {
      const word = pattern.exec(line)?.[0];
      return word === undefined ? [] : [`${file}:${index + 1}: not "${word}"; write: ${instead}`];
    });
  });
}

function missingFiles(file, lines) {
  return lines.flatMap((line, index) =>
    [...line.matchAll(FILE_REFERENCE)]
      .map(([, name = '']) => name)
      .filter((name) => !PLACEHOLDER.test(name))
      .filter((name) => !files.some((one) => one === name || one.endsWith(`/${name}`)))
      .map((name) => `${file}:${index + 1}: there is no file ${name}`),
  );
}
