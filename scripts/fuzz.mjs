// npm run fuzz -- --minutes 10 --seed 7: the attacks of test/hostile/fuzz.test.ts for as long as you like. Without
// a seed it takes one by the clock, and prints it; the same seed draws the same attacks in the same order.
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, install, root, run } from './workspace.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const seconds = Math.round(Number(values.minutes) * 60);
if (!(seconds > 0)) refuse(`--minutes is ${values.minutes}: expected more than 0`);
if (values.seed !== undefined && !/^\d+$/.test(values.seed)) {
  refuse(`--seed is ${values.seed}: expected a whole number`);
}
const seed = values.seed ?? String(Date.now() % 2 ** 32);
process.stderr.write(`seed ${seed}\n`);
install();
build();
const vitest = path.dirname(createRequire(import.meta.url).resolve('vitest/package.json'));
const config = path.join(root, 'vitest.config.ts');
run(
  process.execPath,
  [path.join(vitest, 'vitest.mjs'), 'run', '--config', config, '--root', 'test', 'hostile/fuzz'],
  { env: { SHARDMILL_FUZZ_SECONDS: String(seconds), SHARDMILL_FUZZ_SEED: seed } },
);

function refuse(message) {
  process.stderr.write(`error  ${message}\nuse    npm run fuzz -- --minutes 10 --seed 7\n`);
  process.exit(2);
}
