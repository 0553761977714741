import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { WorkerMetrics } from './worker-metrics.js';

const rows = { read: 10, scored: 7, rejected: 2, filtered: 1 };
const part = {
  shard: 0,
  part: 0,
  scored: 7,
  rejected: 2,
  finished: { part: 0, rows, object: { key: 'k', bytes: 1, sha256: 's' }, rejected: null },
  seconds: { infer: 45, write: 2 },
  bytesRead: 100,
};

test('docs/metrics.md describes each metric of a worker, and no other', () => {
  const registry = new Registry();
  void new WorkerMetrics(registry);
  const text = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
  const described = [...text.matchAll(/^\| `(shardmill_worker_\w+)`/gm)].map(
    ([, name]) => name ?? '',
  );
  const known = registry.getMetricsAsArray().map(({ name }) => name);
  expect(described.toSorted()).toEqual(known.toSorted());
});

test('a part that was found made counts as a part, and its rows do not', async () => {
  const registry = new Registry();
  const metrics = new WorkerMetrics(registry);
  metrics.part({ ...part, resumed: true });
  metrics.part({ ...part, resumed: false });
  const text = await registry.metrics();
  expect(text).toContain('shardmill_worker_parts_total{how="resumed"} 1');
  expect(text).toContain('shardmill_worker_parts_total{how="made"} 1');
  expect(text).toContain('shardmill_worker_rows_total{outcome="scored"} 7');
  expect(text).toContain('shardmill_worker_rows_total{outcome="filtered"} 1');
  expect(text).toContain('shardmill_worker_input_bytes_total 100');
});

test('the use of lanes is the time of the model over the time of all lanes', async () => {
  const registry = new Registry();
  const metrics = new WorkerMetrics(registry);
  const state = { inFlight: 1, lanes: 2, rowsPerSecond: 0, residentBytes: [] };
  metrics.now({ ...state, at: 0 });
  metrics.part({ ...part, resumed: false });
  metrics.now({ ...state, at: 60_000 });
  expect(await registry.metrics()).toContain('shardmill_worker_lane_use_ratio 0.375');
});
