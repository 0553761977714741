import { z } from 'zod';

/**
 * What settings may hold, by the name of their type. Flags and variables are text and a file has
 * values, so each takes both forms.
 */

const text = z.string().trim().min(1, 'expected a text');

const whole = (least: number, most: number, message: string) =>
  z
    .union([z.int(), z.string().trim().regex(/^\d+$/, message).transform(Number)], message)
    .pipe(z.int(message).min(least, message).max(most, message));

const list = <T extends z.ZodType<string, string>>(item: T, message: string) =>
  z
    .union(
      [z.array(z.string()), z.string().transform((all) => all.split(',').map((one) => one.trim()))],
      message,
    )
    .pipe(z.array(item).min(1, message))
    .readonly();

const NODES = 'expected HOST:PORT, several with commas between them';
const NOTICES = 'expected aws, gcp or azure, several with commas between them';
const NAMES = 'expected names of environment variables, several with commas between them';
const PATHS = 'expected folders, several with commas between them';
const YES_NO = 'expected true or false';

export const settingTypes = {
  text,
  secret: text,
  redisUrl: text.refine(
    (url) => /^rediss?:\/\//.test(url) && URL.canParse(url),
    'expected redis://HOST:PORT or rediss://HOST:PORT',
  ),
  httpUrl: text.refine(
    (url) => /^https?:\/\//.test(url) && URL.canParse(url),
    'expected http://… or https://…',
  ),
  nodes: list(z.string().regex(/^.+:\d+$/, NODES), NODES),
  /** A local file or folder. */
  path: text,
  /** Local files or folders. */
  paths: list(z.string().trim().min(1), PATHS),
  names: list(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, NAMES), NAMES),
  /** A folder, or `s3://…`. */
  location: text,
  yesNo: z
    .union(
      [z.boolean(), z.enum(['true', 'false'], YES_NO).transform((value) => value === 'true')],
      YES_NO,
    )
    .pipe(z.boolean()),
  encryption: z.enum(['AES256', 'aws:kms'], 'expected AES256 or aws:kms'),
  conditionalWrites: z.enum(['required', 'unchecked'], 'expected required or unchecked'),
  duration: z
    .string('expected a time such as 30s, 2m or 500ms')
    .trim()
    .regex(/^\d+(\.\d+)?\s*(ms|s|m|h)$/, 'expected a time such as 30s, 2m or 500ms'),
  memory: z.union(
    [
      z.int().positive(),
      z
        .string()
        .regex(/^[1-9]\d*$/)
        .transform(Number),
      z.string().regex(/^\d+(\.\d+)?\s*(%|[KMGT]i?B)$/),
    ],
    'expected a size such as 700MB, 2GiB or 60%',
  ),
  pool: z
    .string('expected lower-case letters, digits, - and _')
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'expected lower-case letters, digits, - and _'),
  positive: whole(1, Number.MAX_SAFE_INTEGER, 'expected a whole number from 1 on'),
  notices: list(z.enum(['aws', 'gcp', 'azure'], NOTICES), NOTICES),
  port: z.union(
    [z.literal('none'), whole(0, 65_535, 'expected a port')],
    'expected a port from 0 to 65535, or none',
  ),
  logLevel: z.enum(['debug', 'info', 'warn', 'error'], 'expected debug, info, warn or error'),
  logFormat: z.enum(['pretty', 'json'], 'expected pretty or json'),
};

export type SettingValues = {
  readonly [T in keyof typeof settingTypes]: z.output<(typeof settingTypes)[T]>;
};
