import type { RedisLink } from '../connection/redis-link.js';

/** Refused messages that are kept for inspection, per pool. */
const KEPT_REFUSED = 1000;
/** Characters that are kept of one message: any client of Redis may write a long one. */
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
    // The caller, which refused it, logs and counts it.
  }
}
