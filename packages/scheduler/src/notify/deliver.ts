import { bodyOf, type Notification } from './notification.js';
import { postNotification } from './post.js';
import { destinationOf, type NotifySettings, type ReceiverReference } from './receiver.js';
import { signedHeaders } from './sign.js';

/** Of one request, from its beginning to the status of the answer. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Sends a notification once.
 * @param now milliseconds since 1970, which are signed.
 * @returns the host that took it.
 * @throws NOTIFY_FAILED, NOTIFY_FORBIDDEN, NOTIFY_SECRET_MISSING; INTERRUPTED
 */
export async function deliver(
  { receiver, notification }: { receiver: ReceiverReference; notification: Notification },
  settings: NotifySettings,
  now: number,
  { timeoutMs = REQUEST_TIMEOUT_MS, signal }: DeliverOptions = {},
): Promise<string> {
  const { url, secret, format, rule } = destinationOf(receiver, notification.job, settings);
  const body = bodyOf(notification, format);
  const headers = signedHeaders(notification.id, body, secret, now);
  await postNotification({ url, headers, body, rule, timeoutMs, signal });
  return url.host;
}

export interface DeliverOptions {
  /** 10 s where left out. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
