import { type AllowedLocations, digestJson, type Receiver, ShardmillError } from '@shardmill/core';
import { hostRule, type HostRule } from './address-rules.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which receiver a notification is for, as it is stored: of the configuration only a digest is. */
export type ReceiverReference =
  | { readonly from: 'job'; readonly receiver: Receiver }
  | { readonly from: 'configuration'; readonly digest: string };

/** What sends notifications: the configuration of a scheduler, or of a program that runs a job. */
export interface NotifySettings {
  /** Of the configuration; they are notified of all jobs. */
  readonly receivers: readonly Receiver[];
  /** Where the variables of receivers are looked up. */
  readonly env: Environment;
  readonly allow?: AllowedLocations | undefined;
  /** Whether jobs come from others, so that their receivers must not be addresses within. */
  readonly guarded: boolean;
}

/** Where to send to, and with what. */
export interface Destination {
  readonly url: URL;
  readonly secret: string | undefined;
  readonly format: Receiver['format'];
  readonly rule: HostRule;
}

export const referenceToJob = (receiver: Receiver): ReceiverReference => ({
  from: 'job',
  receiver,
});

export const referenceToConfiguration = (receiver: Receiver): ReceiverReference => ({
  from: 'configuration',
  digest: digestOf(receiver),
});

/** A part of the id of a notification: the same for one receiver everywhere. */
export function nameOf(reference: ReceiverReference): string {
  return reference.from === 'job'
    ? `job-${digestOf(reference.receiver).slice(0, 12)}`
    : `config-${reference.digest.slice(0, 12)}`;
}

const digestOf = (receiver: Receiver): string => digestJson(receiver);

/** @throws NOTIFY_FAILED, NOTIFY_SECRET_MISSING, NOTIFY_FORBIDDEN; no message has a secret */
export function destinationOf(
  reference: ReceiverReference,
  job: string,
  settings: NotifySettings,
): Destination {
  const receiver =
    reference.from === 'job'
      ? reference.receiver
      : settings.receivers.find((one) => digestOf(one) === reference.digest);
  if (receiver === undefined) {
    throw new ShardmillError('NOTIFY_FAILED', 'the configuration has no such receiver any more', {
      where: 'notify.receivers',
    });
  }
  const { urlEnv, secretEnv, format } = receiver;
  if (reference.from === 'job' && settings.guarded) refuseVariables(receiver, job, settings);
  const url = addressOf(receiver, settings.env);
  const secret = secretEnv === undefined ? undefined : variable(secretEnv, settings.env);
  if (reference.from === 'configuration') return { url, secret, format, rule: 'any' };
  const rule = hostRule(settings.allow, job, url.hostname);
  if (rule === undefined) {
    const message = `job "${job}" may not send notifications to ${url.hostname}, which allow.notify does not name for it`;
    throw new ShardmillError('NOTIFY_FORBIDDEN', message, { where: urlEnv ?? url.origin });
  }
  return { url, secret, format, rule: settings.guarded ? rule : 'any' };
}

/**
 * What the configuration signs with is not for jobs: they could have anything signed with it, and
 * pass it on as if the operator had sent it.
 */
function refuseVariables(
  { urlEnv, secretEnv }: Receiver,
  job: string,
  { receivers }: NotifySettings,
): void {
  const reserved = new Set(receivers.flatMap((one) => [one.urlEnv, one.secretEnv]));
  for (const name of [urlEnv, secretEnv]) {
    if (name === undefined || !reserved.has(name)) continue;
    const message = `job "${job}" may not use ${name}, which is a variable of notify.receivers`;
    throw new ShardmillError('NOTIFY_FORBIDDEN', message, {
      where: name,
      remedy: 'Name another variable, which is for jobs.',
    });
  }
}

function addressOf({ url, urlEnv }: Receiver, env: Environment): URL {
  if (url !== undefined) return new URL(url);
  const value = variable(urlEnv ?? '', env);
  if (/^https?:\/\//i.test(value) && URL.canParse(value)) return new URL(value);
  throw new ShardmillError(
    'NOTIFY_SECRET_MISSING',
    `${urlEnv} does not hold an address that begins with http:// or https://`,
    { where: urlEnv },
  );
}

function variable(name: string, env: Environment): string {
  const value = env[name];
  if (value !== undefined && value.trim() !== '') return value.trim();
  throw new ShardmillError('NOTIFY_SECRET_MISSING', `${name} is not set`, { where: name });
}
