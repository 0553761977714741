// npm run bench: install, build, and measure; arguments are the benchmark's own.
import { build, install, root, run } from './workspace.mjs';

install();
build();
run(process.execPath, [`${root}/bench/dist/main.js`, ...process.argv.slice(2)]);
