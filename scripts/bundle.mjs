// Makes packages/cli/bundle of what was compiled: the program's few processes in a few files each, where dist has a
// file for each idea. Loading eight hundred small modules takes longer than all else that a short command does.
// See docs/decisions/0016-bundled-program.md.
//
//   node scripts/bundle.mjs
import { rmSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './workspace.mjs';

const folder = path.join(root, 'packages', 'cli', 'bundle');

/** Files that Node is asked to run, or that a program imports: what else there is hangs on these. */
const ENTRIES = {
  main: 'packages/cli/dist/main.js',
  index: 'packages/cli/dist/index.js',
  engine: 'packages/worker/dist/engine/main.js',
  lane: 'packages/worker/dist/lane/lane.js',
  planner: 'packages/client/dist/planning/planner-main.js',
  'watch-parent': 'packages/client/dist/planning/watch-parent.js',
};

/**
 * Packages that stay as they are: with native libraries, files that they read beside themselves, or instances that a
 * module of the user's has to share.
 */
const EXTERNAL = [
  '@anush008/tokenizers',
  '@duckdb/node-bindings',
  'apache-arrow',
  'jiti',
  'onnxruntime-node',
  'pino',
];

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({
  input: Object.fromEntries(
    Object.entries(ENTRIES).map(([name, file]) => [name, path.join(root, file)]),
  ),
  platform: 'node',
  external: (id) => EXTERNAL.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [
    {
      name: 'places-of-files',
      transform: { filter: { id: /\/packages\/[a-z]+\/dist\// }, handler: withPlaces },
    },
  ],
  onLog(level, log) {
    if (level === 'warn') fail(`${log.code ?? 'warning'}: ${log.message}`);
  },
});
const { output } = await bundle.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
});
await bundle.close();
process.stderr.write(`bundle: ${output.length} files\n`);

/**
 * A module moves into the folder of the bundle, and what it finds beside itself does not. So `import.meta.url` becomes
 * the place where the module was compiled to, unless it points at an entry; and what is loaded by `require`, which a
 * bundler does not see, is imported.
 */
function withPlaces(code, id) {
  const place = path.relative(folder, id).split(path.sep).join('/');
  const imports = [];
  const text = code
    .replaceAll(/new URL\('([^']+)', import\.meta\.url\)/g, (found, target) => {
      const entry = entryOf(path.resolve(path.dirname(id), target));
      return entry === undefined ? found : `new URL('./${entry}.js', import.meta['url'])`;
    })
    .replaceAll('import.meta.url', `new URL('${place}', import.meta['url']).href`)
    .replaceAll("import.meta['url']", 'import.meta.url')
    .replaceAll(/\brequire\('([^']+)'\)/g, (found, name) => {
      if (EXTERNAL.includes(name)) return found;
      imports.push(`import * as required${imports.length} from '${name}';\n`);
      return `required${imports.length - 1}`;
    });
  return { code: imports.join('') + text, map: null };
}

function entryOf(file) {
  return Object.keys(ENTRIES).find((name) => path.join(root, ENTRIES[name]) === file);
}

function fail(text) {
  process.stderr.write(`error  ${text}\n`);
  process.exit(1);
}
