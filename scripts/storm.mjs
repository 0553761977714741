// npm run storm -- --minutes 10 --seed 7: the storm of test/chaos for as long as you like. Without a
// seed it takes one by the clock, and prints it; the same seed draws the same faults in the same order.
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installSystemPackages } from './system-packages.mjs';
import { build, install, root, run } from './workspace.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const seconds = Math.round(Number(values.minutes) * 60);
if (!(seconds > 0)) refuse(`--minutes is ${values.minutes}: expected more than 0`);
if (values.seed !== undefined && !/^\d+$/.test(values.seed)) {
  refuse(`--seed is ${values.seed}: expected a whole number`);
}
install();
installSystemPackages();
build();
const vitest = path.dirname(createRequire(import.meta.url).resolve('vitest/package.json'));
const config = path.join(root, 'vitest.config.ts');
run(
  process.execPath,
  [path.join(vitest, 'vitest.mjs'), 'run', '--config', config, '--root', 'test', 'chaos/storm'],
  {
    env: {
      SHARDMILL_STORM_SECONDS: String(seconds),
      ...(values.seed === undefined ? {} : { SHARDMILL_STORM_SEED: values.seed }),
    },
  },
);

function refuse(message) {
  process.stderr.write(`error  ${message}\nuse    npm run storm -- --minutes 10 --seed 7\n`);
  process.exit(2);
}
