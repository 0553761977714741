import { createHash } from 'node:crypto';

/** JSON with sorted keys: equal values give equal bytes (RFC 8785 for the values used here). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Lower-case hexadecimal SHA-256 of the value's canonical JSON. */
export function digestJson(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
