import { z } from 'zod';

/** What a receiver can be notified of. `late` arises for schedules that have a deadline. */
export const notifyEvents = ['finished', 'failed', 'skipped', 'cancelled', 'late'] as const;
export type NotifyEvent = (typeof notifyEvents)[number];

export const MAX_RECEIVERS = 16;

const URL_MESSAGE = 'expected an address that begins with http:// or https://, without a login';
const ENV_MESSAGE =
  'expected the name of an environment variable that begins with NOTIFY_, such as "NOTIFY_SECRET"';

/** Names of their own, so that a job cannot have another secret of a scheduler used. */
const variable = z.string(ENV_MESSAGE).regex(/^NOTIFY_[A-Z0-9_]+$/, ENV_MESSAGE);

/** One address that is notified of the ends of runs. */
export const receiverSchema = z
  .strictObject({
    url: z
      .string(URL_MESSAGE)
      .refine(isHttpUrl, URL_MESSAGE)
      .optional()
      .describe('Where to POST to. An address that is a secret belongs into urlEnv.'),
    urlEnv: variable.optional().describe('The variable that holds the address, instead of url.'),
    on: z
      .array(z.enum(notifyEvents))
      .min(1)
      .default(['failed', 'late'])
      .describe('What to notify of.'),
    secretEnv: variable
      .optional()
      .describe('The variable that holds the secret with which notifications are signed.'),
    format: z
      .enum(['json', 'slack'])
      .default('json')
      .describe("json: the whole document; slack: { text }, as Slack's incoming webhooks take it."),
  })
  .refine(({ url, urlEnv }) => (url === undefined) !== (urlEnv === undefined), {
    message: 'expected either url or urlEnv',
  });

export const notifySchema = z
  .array(receiverSchema)
  .max(MAX_RECEIVERS, `expected at most ${MAX_RECEIVERS} receivers`)
  .describe('Who is notified how a run ended.');

export type Receiver = z.output<typeof receiverSchema>;
/** As it is written. */
export type ReceiverDefinition = z.input<typeof receiverSchema>;

function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, hostname } = new URL(text);
  return username === '' && password === '' && hostname !== '';
}
