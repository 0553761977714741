import { expect, test } from 'vitest';
import { NotForKernelError } from './index.js';
import { differences, kernelResults, programOf, runtimeResults } from './testing/compare-with-runtime.js';
import { drawCase, type EnsembleCase } from './testing/random-ensemble.js';

const SEEDS = Number(process.env['SHARDMILL_TREE_SEEDS'] ?? 300);
const FIRST = Number(process.env['SHARDMILL_TREE_FIRST_SEED'] ?? 1);

test('tmp', async () => {
  let fallback = new Map(); let bad = 0; let runtime=0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const c = drawCase(seed);
    let program;
    try { program = programOf(c.model, c.width); } catch (e) { if (!(e instanceof NotForKernelError)) { console.log(c.description); throw e; } fallback.set(e.message, (fallback.get(e.message) ?? 0) + 1); continue; }
    let want;
    try { want = await runtimeResults(c.model, c.values, c); } catch (e) { runtime++; if (runtime<4) console.log(c.description, String(e)); continue; }
    const got = kernelResults(program, c.values, c.rows);
    const w = want.get('scores')!;
    const d = differences(got.scores, w as Float32Array);
    const l = want.get('label'); const ld = l ? Array.from(l as any).filter((v, i) => v !== got.labels[i]).length : 0;
    if (d.length || ld) { bad++; if (bad < 12) console.log(c.description, d.length, 'of', got.scores.length, w.length, d.slice(0, 3).map((i) => [i, got.scores[i], w[i]]), 'labels', ld, ld ? [got.labels.slice(0, 4), Array.from(l as any).slice(0, 4)] : ''); }
  }
  console.log(fallback, 'bad', bad, 'runtime', runtime);
  expect(bad).toBe(0);
}, 1e6);
