import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an `Authorization` header carries this token; the time it takes says nothing about it. */
export function hasBearerToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
