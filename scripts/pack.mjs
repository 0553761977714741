// npm run pack: makes the package that users install, as a .tgz, from what was built.
//
//   node scripts/pack.mjs [--built] [FOLDER]
//
// FOLDER is dist-package in the root folder where left out; --built takes what is there and builds nothing.
//
// Packages of this repository are put into it as they are here, packages/<name>/dist, with imports of each other
// made relative: there is one package to install, whatever installs it. Nothing is published.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { build, install, root } from './workspace.mjs';

const options = process.argv.slice(2);
const out = path.resolve(
  options.find((option) => option !== '--built') ?? path.join(root, 'dist-package'),
);
const PACKAGES = readdirSync(path.join(root, 'packages')).toSorted();
const manifests = new Map(PACKAGES.map((name) => [name, readManifest(name)]));

if (!options.includes('--built')) {
  install();
  build();
}
const folder = path.join(out, 'package');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of PACKAGES) copyPackage(name);
for (const file of readdirSync(path.join(root, 'docs'))) {
  if (/^[a-z].*\.md$/.test(file)) copy('docs', file);
}
for (const file of ['README.md', 'CHANGELOG.md']) copy(file);
writeJson(path.join(folder, 'package.json'), packageManifest());
pack();

function readManifest(name) {
  return JSON.parse(readFileSync(path.join(root, 'packages', name, 'package.json'), 'utf8'));
}

function copy(...names) {
  cpSync(path.join(root, ...names), path.join(folder, ...names), { recursive: true });
}

/** What was compiled of a package, without its tests and its source maps. */
function copyPackage(name) {
  const from = path.join(root, 'packages', name);
  const to = path.join(folder, 'packages', name);
  for (const file of readdirSync(path.join(from, 'dist'), { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file) || /\.test\.|(^|\/)testing\//.test(file)) continue;
    if (!isCompiled(from, file)) continue;
    const target = path.join(to, 'dist', file);
    mkdirSync(path.dirname(target), { recursive: true });
    const text = readFileSync(path.join(from, 'dist', file), 'utf8');
    writeFileSync(
      target,
      withRelativeImports(text, target).replace(/\n?\/\/# sourceMappingURL=.*\n*$/, '\n'),
    );
  }
  for (const extra of ['bin', 'bundle', 'schema']) {
    if (existsSync(path.join(from, extra))) copy('packages', name, extra);
  }
  // Node takes the kind of a module, and the program its version, from the nearest manifest.
  const { version, type } = manifests.get(name);
  writeJson(path.join(to, 'package.json'), { version, type, private: true });
}

/** Whether a file comes from a source that is there: a build leaves files of sources that went. */
function isCompiled(from, file) {
  const source = file.replace(/(\.d\.ts|\.js)$/, '');
  return ['.ts', '.mts'].some((end) => existsSync(path.join(from, 'src', source + end)));
}

/** `@shardmill/core/schemas` as the path from this file to what that package exports by the name. */
function withRelativeImports(text, file) {
  const replaced = text.replaceAll(
    /(\bfrom\s*|\bimport\s*\(?\s*|\bimport\.meta\.resolve\(\s*)(['"])@shardmill\/([a-z]+)(\/[\w-]+)?\2/g,
    (_match, before, quote, name, entry = '') => {
      const target = manifests.get(name)?.exports[`.${entry}`]?.default;
      if (target === undefined)
        fail(`${file} imports @shardmill/${name}${entry}, which is no entry`);
      const to = path.join(folder, 'packages', name, target);
      const relative = path.relative(path.dirname(file), to).split(path.sep).join('/');
      return `${before}${quote}${relative.startsWith('.') ? relative : `./${relative}`}${quote}`;
    },
  );
  const left = /^.*['"]@shardmill\/(?!core['"]: )[^'"]*['"].*$/m.exec(
    replaced.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, ''),
  );
  if (left !== null) fail(`${file} names a package that is not installed: ${left[0].trim()}`);
  return replaced;
}

function packageManifest() {
  const { description } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { name, version, type, engines, bin, exports } = manifests.get('cli');
  const dependencies = {};
  for (const manifest of manifests.values()) {
    if (manifest.version !== version)
      fail(`${manifest.name} is ${manifest.version}, not ${version}`);
    for (const [dependency, wanted] of Object.entries(manifest.dependencies ?? {})) {
      if (wanted.startsWith('workspace:')) continue;
      if ((dependencies[dependency] ??= wanted) !== wanted) fail(`two versions of ${dependency}`);
    }
  }
  const inCli = (file) => `./packages/cli/${file.replace(/^\.\//, '')}`;
  return {
    name,
    version,
    description,
    keywords: ['parquet', 'onnx', 'batch', 'scoring', 'inference', 'duckdb', 'machine-learning'],
    type,
    engines,
    bin: Object.fromEntries(
      Object.entries(bin).map(([command, file]) => [command, inCli(file).slice(2)]),
    ),
    // For resolvers that know no exports.
    main: inCli(exports['.'].default),
    types: inCli(exports['.'].types),
    exports: {
      '.': Object.fromEntries(
        Object.entries(exports['.']).map(([condition, file]) => [condition, inCli(file)]),
      ),
      './package.json': './package.json',
    },
    files: ['packages', 'docs', 'CHANGELOG.md'],
    dependencies: Object.fromEntries(
      Object.entries(dependencies).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function pack() {
  const { status, stdout } = spawnSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', out, folder],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) fail('npm pack failed');
  const [packed] = [JSON.parse(stdout)].flat();
  const { filename, size, entryCount } = packed;
  process.stderr.write(`${entryCount} files, ${(size / 1024).toFixed(0)} KiB\n`);
  process.stdout.write(`${path.join(out, filename)}\n`);
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function fail(text) {
  process.stderr.write(`error  ${text}\n`);
  process.exit(1);
}
