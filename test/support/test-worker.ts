import { randomBytes } from 'node:crypto';
import { Stores } from '@shardmill/core';
import type { FleetEvent, FleetProcess, WorkerInfo } from '@shardmill/queue';
import type { WorkerServiceOptions } from '@shardmill/worker';
import { WorkerService } from '@shardmill/worker/service';
import type { MemoryQueue } from '../../packages/worker/src/testing/memory-queue.js';
import { runLogAt } from './planned-run.js';
import type { Workplace } from './workplace.js';

/** A worker in this process, with one real engine, that takes shards from a queue in memory. */
export class TestWorker {
  readonly events: FleetEvent[] = [];
  /** What it said of itself last. */
  info: WorkerInfo | undefined;
  /** How often it said so. */
  announced = 0;
  left = false;
  readonly log: string[] = [];
  readonly service: WorkerService;

  private constructor(place: Workplace, queue: MemoryQueue, change: Partial<WorkerServiceOptions>) {
    const write = (fields: object, text: string): void => {
      this.log.push(`${text} ${JSON.stringify(fields)}`);
    };
    const id = `here-${process.pid}-${randomBytes(4).toString('hex')}`;
    this.service = new WorkerService({
      pool: 'cpu',
      identity: { id, host: 'here', pid: process.pid, version: '0.0.0' },
      consumer: (concurrency) => queue.consumer(concurrency),
      runs: runLogAt(place.path('state')),
      stores: new Stores(),
      storage: {},
      events: {
        publish: (event) => void this.events.push(event),
        subscribe: () => () => {},
        close: async () => {},
      },
      presence: {
        announce: async (process: FleetProcess) => {
          if (process.kind === 'worker') this.info = process;
          this.announced++;
        },
        leave: async () => {
          this.left = true;
        },
        list: async () => [],
        close: async () => {},
      },
      cacheFolder: place.path('cache'),
      log: { info: write, warn: write, error: write },
      resources: { engines: 1, memoryLimit: '2GiB' },
      ...change,
    });
  }

  static start(
    place: Workplace,
    queue: MemoryQueue,
    change: Partial<WorkerServiceOptions> = {},
  ): TestWorker {
    const worker = new TestWorker(place, queue, change);
    worker.service.start();
    return worker;
  }

  /** A metric with its labels as they are written, for example `shardmill_worker_parts_total{how="made"}`. */
  async metric(name: string): Promise<number | undefined> {
    const text = await this.service.metrics.metrics();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  }

  async close(): Promise<void> {
    await this.service.close();
  }
}
