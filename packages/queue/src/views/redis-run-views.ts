import type { RedisLink } from '../connection/redis-link.js';
import { parseStored } from '../connection/parse-stored.js';
import type { RunView, RunViews } from './run-view.js';
import { runViewSchema } from './view-schema.js';

const KEPT_SECONDS = 3_600;

/** A key per run, kept for an hour after it was written last. */
export class RedisRunViews implements RunViews {
  constructor(
    readonly link: RedisLink,
    readonly prefix: string,
  ) {}

  async put(view: RunView): Promise<void> {
    const { client } = this.link;
    await this.link
      .run(() => client.set(this.#keyOf(view.run), JSON.stringify(view), 'EX', KEPT_SECONDS))
      .catch(() => {});
  }

  async get(run: string): Promise<RunView | undefined> {
    const text = await this.link.run(() => this.link.client.get(this.#keyOf(run)));
    return parseStored(text, runViewSchema);
  }

  async close(): Promise<void> {}

  #keyOf(run: string): string {
    return `${this.prefix}/views/${run}`;
  }
}
