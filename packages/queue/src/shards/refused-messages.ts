import type { RedisLink } from '../connection/redis-link.js';

/** Messages that are kept for a look, of each pool. */
const KEPT_REFUSED = 1000;
/** Of one message: whoever writes to Redis decides how long it is. */
const MAX_KEPT_CHARS = 4096;

/** The list of a pool's messages that were refused, the latest first; no job has such a name. */
export function refusedKey(prefix: string, pool: string): string {
  return `${prefix}/refused/${pool}`;
}

/** Keeps a message that was refused. It is for people: a failure to keep it changes nothing. */
export async function keepRefused(
  link: RedisLink,
  key: string,
  message: { readonly id: string; readonly reason: string; readonly data: string },
): Promise<void> {
  const { id, reason, data } = message;
  const cut = (text: string): string => text.slice(0, MAX_KEPT_CHARS);
  const at = new Date().toISOString();
  const entry = JSON.stringify({ at, id: cut(id), reason: cut(reason), data: cut(data) });
  try {
    await link.client.lpush(key, entry);
    await link.client.ltrim(key, 0, KEPT_REFUSED - 1);
  } catch {
    // It is logged and counted by whoever refused it.
  }
}
