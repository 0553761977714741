import { FleetRedis } from '@shardmill/queue';
import { Stores } from '@shardmill/core';
import { RunRegistry, runLogOf } from '@shardmill/scheduler';
import { WorkerService } from '@shardmill/worker/service';

// A worker on a real Redis, as a process of its own. Its log goes to stdout, a line of JSON each.
const { redis: url, id, cacheFolder, graceMs, state } = JSON.parse(process.argv[2]);

const write = (fields, text) => console.log(JSON.stringify({ at: Date.now(), text, ...fields }));
const log = { info: write, warn: write, error: write };
const redis = await FleetRedis.open({ url });
const stores = new Stores();
const registry = new RunRegistry(stores.open(state));
const events = redis.events();
const presence = redis.presence();
const service = new WorkerService({
  pool: 'cpu',
  identity: { id, host: 'here', pid: process.pid, version: '0.0.0' },
  consumer: (concurrency) => redis.shardConsumer('cpu', { concurrency }),
  runs: runLogOf(registry),
  stores,
  storage: {},
  events,
  presence,
  cacheFolder,
  log,
  resources: { engines: 1, memoryLimit: '2GiB' },
  graceMs,
});
process.on('SIGTERM', () => void service.drain('sigterm'));
service.start();
await service.drained;
await redis.close();
await stores.close();
