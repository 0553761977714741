import type { RedisLink } from '../connection/redis-link.js';
import { parseStored } from '../connection/parse-stored.js';
import type { FleetProcess, Presence } from './presence.js';
import { fleetProcessSchema } from './process-schema.js';

/** A process that has not announced itself for this long is gone. */
const EXPIRY_MS = 15_000;

/**
 * One key per process, which Redis drops by its own clock (those of the hosts may differ), and a
 * set of all ids, out of which readers take those whose key is gone.
 */
export class RedisPresence implements Presence {
  readonly #ids: string;

  constructor(
    readonly link: RedisLink,
    prefix: string,
    readonly silenceMs = EXPIRY_MS,
  ) {
    this.#ids = `${prefix}/processes`;
  }

  async announce(process: FleetProcess): Promise<void> {
    const { client } = this.link;
    await this.#quietly(() =>
      Promise.all([
        client.set(this.#keyOf(process.id), JSON.stringify(process), 'PX', this.silenceMs),
        client.sadd(this.#ids, process.id),
      ]),
    );
  }

  async leave(id: string): Promise<void> {
    const { client } = this.link;
    await this.#quietly(() =>
      Promise.all([client.del(this.#keyOf(id)), client.srem(this.#ids, id)]),
    );
  }

  async list(): Promise<FleetProcess[]> {
    return this.link.run(async () => {
      const { client } = this.link;
      const ids = await client.smembers(this.#ids);
      if (ids.length === 0) return [];
      const texts = await client.mget(ids.map((id) => this.#keyOf(id)));
      const gone = ids.filter((_, i) => texts[i] === null);
      // A process that came back in between announces itself again within a second.
      if (gone.length > 0) await client.srem(this.#ids, gone);
      return texts
        .flatMap((text) => parseStored(text, fleetProcessSchema) ?? [])
        .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
    });
  }

  async close(): Promise<void> {}

  #keyOf(id: string): string {
    return `${this.#ids}/${id}`;
  }

  /** Presence is announced again and again: an announcement that gets lost does no harm. */
  async #quietly(command: () => Promise<unknown>): Promise<void> {
    await this.link.run(command).catch(() => {});
  }
}
