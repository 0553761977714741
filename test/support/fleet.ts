import { storageOptions } from '@shardmill/client/connection-options';
import {
  type StatusDocument,
  statusDocumentSchema,
  submissionDocumentSchema,
} from '@shardmill/client/document-schemas';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import { Fleet as ClientFleet, runStatus, statusDocument } from '@shardmill/client/fleet';
import { loadSettings } from '@shardmill/client/load-settings';
import { type ConfigDefinition, Stores } from '@shardmill/core';
import { type FleetProcess, FleetRedis } from '@shardmill/queue';
import { type RedisServer, startRedisServer } from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { type Ended, refusalOf, type Refusal, RunningCommand } from './command.js';
import { waitFor } from './wait.js';
import type { Workplace } from './workplace.js';

/** A test starts up to a dozen processes. */
const TEST_MS = 120_000;

/**
 * A real Redis, and a configuration in the workplace with which all commands find it: runs, state
 * and cache are in the workplace, too. Schedulers and workers are started by the test.
 * @param scope as that of the workplace.
 */
export function useFleet(place: Workplace, scope: 'test' | 'file' = 'test'): Fleet {
  vi.setConfig({ testTimeout: TEST_MS });
  const fleet = new Fleet(place);
  (scope === 'test' ? beforeEach : beforeAll)(() => fleet.open());
  (scope === 'test' ? afterEach : afterAll)(() => fleet.close());
  return fleet;
}

export class Fleet {
  #redis: RedisServer | undefined;
  #connection: FleetRedis | undefined;
  #processes: RunningCommand[] = [];

  constructor(readonly place: Workplace) {}

  async open(): Promise<void> {
    this.#redis = await startRedisServer();
    this.#connection = await FleetRedis.open({ url: this.#redis.url });
    await this.configure();
  }

  /** Writes the configuration, with these groups of settings in place of the usual ones. */
  async configure(change: ConfigDefinition = {}): Promise<void> {
    const usual: ConfigDefinition = {
      redis: { url: this.redis.url },
      cache: { folder: 'cache' },
      worker: { engines: 1, lanes: 1, statusPort: 'none' },
      scheduler: { statusPort: 'none' },
    };
    await this.place.write('shardmill.config.json', JSON.stringify({ ...usual, ...change }));
  }

  async close(): Promise<void> {
    // They must end before the folders that they write to are removed.
    await Promise.all(this.#processes.splice(0).map((process) => process.end()));
    await this.#connection?.close();
    await this.#redis?.close();
  }

  get redis(): RedisServer {
    if (this.#redis === undefined) throw new Error('the fleet is not open');
    return this.#redis;
  }

  scheduler(...args: string[]): RunningCommand {
    return this.#started('scheduler', ...args);
  }

  worker(...args: string[]): RunningCommand {
    return this.#started('worker', ...args);
  }

  /** Waits until so many schedulers and workers are there. */
  async ready(schedulers: number, workers: number): Promise<void> {
    await waitFor(
      `${schedulers} schedulers and ${workers} workers`,
      async () => {
        const kinds = (await this.processes()).map(({ kind }) => kind);
        const count = (kind: string): number => kinds.filter((one) => one === kind).length;
        return count('scheduler') >= schedulers && count('worker') >= workers;
      },
      ...this.#processes,
    );
  }

  async processes(): Promise<FleetProcess[]> {
    if (this.#connection === undefined) throw new Error('the fleet is not open');
    return this.#connection.presence().list();
  }

  /** One scheduler and so many workers, all of them ready. */
  async start(workers: number): Promise<void> {
    this.scheduler();
    for (let n = 0; n < workers; n++) this.worker();
    await this.ready(1, workers);
  }

  /** Submits the job and does not wait. @returns the id of its run */
  async submit(...args: string[]): Promise<string> {
    const ended = await this.place.shardmill('submit', 'job.json', '--json', ...args);
    return submissionDocumentSchema.strict().parse(documentOf(ended)).run;
  }

  /** What `status --json` prints, from below the command. */
  async status(run: string): Promise<StatusDocument> {
    const status = await this.ask(async (fleet) => statusDocument(await runStatus(fleet, run)));
    return statusDocumentSchema.strict().parse({ schemaVersion: DOCUMENT_VERSION, ...status });
  }

  /** What a command would find out, in this process: to start the program for a question takes a second. */
  async ask<T>(question: (fleet: ClientFleet) => Promise<T>): Promise<T> {
    const settings = await loadSettings({
      flags: {},
      config: {},
      cwd: this.place.path(),
      env: process.env,
    });
    const fleet = ClientFleet.open(settings, new Stores(storageOptions(settings)));
    try {
      return await question(fleet);
    } finally {
      await fleet.close();
    }
  }

  #started(...args: string[]): RunningCommand {
    const started = this.place.start(...args);
    this.#processes.push(started);
    return started;
  }
}

/** The document of a command that succeeded. */
export function documentOf({ code, stdout, stderr }: Ended): unknown {
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}\n${stderr}`);
  return JSON.parse(stdout);
}

/** The error document of a command that failed with this exit code. */
export function failureOf(ended: Ended, exitCode: number): Refusal {
  if (ended.code !== exitCode) {
    throw new Error(`exit code ${ended.code}: ${ended.stdout}\n${ended.stderr}`);
  }
  return refusalOf(ended);
}
