import { randomBytes } from 'node:crypto';
import os from 'node:os';
import { version } from './version.js';

/** Who a process of the fleet is: another one after each start. */
export interface Identity {
  /** `<host>-<pid>-<random>` */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
}

export function newIdentity(): Identity {
  const host = os.hostname();
  const { pid } = process;
  return { id: `${host}-${pid}-${randomBytes(3).toString('hex')}`, host, pid, version: version() };
}

/** `user@host`, for who submitted, cancelled or resumed a run. */
export function whoAmI(): string {
  const host = os.hostname();
  try {
    return `${os.userInfo().username}@${host}`;
  } catch {
    // In a container, a user id may have no name.
    return `${process.getuid?.() ?? 'unknown'}@${host}`;
  }
}
