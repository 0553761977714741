import type { RedisLink } from '../connection/redis-link.js';
import { fleetEventSchema } from './events-schema.js';
import type { FleetEvent, FleetEvents } from './fleet-events.js';
import { parseStored } from '../connection/parse-stored.js';

/** A connection that only listens is asked for a sign of life this often. */
const HEARTBEAT_MS = 10_000;

/** Events by Redis' publish and subscribe: a process that does not listen just then misses them. */
export class RedisEvents implements FleetEvents {
  readonly #listeners = new Set<(event: FleetEvent) => void>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #channel: string;
  #subscriber: RedisLink | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param connect makes a connection of its own for listening, when first needed */
  constructor(
    readonly link: RedisLink,
    prefix: string,
    readonly connect: () => RedisLink,
  ) {
    this.#channel = `${prefix}/events`;
  }

  publish(event: FleetEvent): void {
    if (this.#closed) return;
    const sent = this.link
      .run(() => this.link.client.publish(this.#channel, JSON.stringify(event)))
      .catch(() => {})
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }

  subscribe(listener: (event: FleetEvent) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#closed) this.#subscriber ??= this.#listen();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#subscriber?.close();
    await Promise.all(this.#underWay);
  }

  #listen(): RedisLink {
    const link = this.connect();
    const { client } = link;
    // Repeated with each connection: ioredis repeats only subscriptions that succeeded once.
    const subscribe = (): void => {
      client.subscribe(this.#channel).catch(() => {});
    };
    client.on('ready', subscribe);
    if (link.connected) subscribe();
    client.on('message', (_channel: string, text: string) => this.#notify(text));
    this.#heartbeat = setInterval(() => {
      if (link.connected) client.ping().catch(() => {});
    }, HEARTBEAT_MS);
    this.#heartbeat.unref();
    return link;
  }

  #notify(text: string): void {
    const event = parseStored(text, fleetEventSchema);
    if (event === undefined) return;
    for (const listener of this.#listeners) listener(event);
  }
}
