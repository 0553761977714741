import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { waitFor } from '@shardmill/test-kit';
import type { ShardConsumerSettings } from '../fleet-redis.js';

/** A consumer in a process of its own, which keeps its shards until `settle` is called. */
export class ConsumerProcess {
  /** What it reported: `ready`, `took ID`, `aborted ID`, `notice KIND`, `closed`. */
  readonly reported: string[] = [];
  stderr = '';
  readonly #child: ChildProcess;

  constructor(url: string, settings: ShardConsumerSettings) {
    const script = programOf(url, settings);
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (this.#child.stdout === null) throw new Error('no output of the process');
    createInterface(this.#child.stdout).on('line', (line) => this.reported.push(line));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  async untilReported(what: string, withinMs?: number): Promise<void> {
    await waitFor(
      `"${what}", reported ${this.reported.join(', ')} ${this.stderr}`,
      () => this.reported.includes(what),
      withinMs,
    );
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Has it settle all shards that it has, and each further one at once. */
  settle(): void {
    this.#child.stdin?.write('settle\n');
  }

  /** Has it close everything, without which it does not end. @returns its exit code */
  async end(): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    this.#child.stdin?.end();
    await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function programOf(url: string, settings: ShardConsumerSettings): string {
  const queue = new URL('../../dist/index.js', import.meta.url).href;
  return `
import { createInterface } from 'node:readline';
import { FleetRedis } from ${JSON.stringify(queue)};

const report = (...words) => console.log(words.join(' '));
const fleet = await FleetRedis.open({ url: ${JSON.stringify(url)} }, {
  notice: ({ kind }) => report('notice', kind),
});
const consumer = fleet.shardConsumer('cpu', ${JSON.stringify(settings)});
let settle;
const settled = new Promise((resolve) => { settle = resolve; });
consumer.start(async ({ id, signal }) => {
  report('took', id);
  signal.addEventListener('abort', () => report('aborted', id));
  await settled;
  return { kind: 'settled' };
});
report('ready');
createInterface(process.stdin).on('line', settle).on('close', async () => {
  settle();
  await fleet.close();
  report('closed');
});
`;
}
