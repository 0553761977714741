// npm start: install, build, and score the demo job.
import { build, install, root, run } from './workspace.mjs';

install();
build();
process.stderr.write('Scoring the churn demo: shardmill run churn\n\n');
run(process.execPath, [
  `${root}/packages/cli/bin/shardmill.js`,
  'run',
  'churn',
  ...process.argv.slice(2),
]);
process.stderr.write('  see it as a page: npx shardmill report out/churn --open\n');
process.stderr.write('  in this folder: npx shardmill …\n');
