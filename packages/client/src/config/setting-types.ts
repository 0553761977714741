import {
  DURATION_MESSAGE,
  ENGINES,
  isDuration,
  isMemorySize,
  LANES,
  MEMORY_MESSAGE,
  OTHER_POOLS,
  POSITIVE_DURATION_MESSAGE,
  type Range,
  wholeNumberFrom,
} from '@shardmill/core';
import { notifySchema } from '@shardmill/core/schemas';
import { z } from 'zod';

/**
 * What settings may hold, by the name of their type. Flags and variables are text and a file has
 * values, so each takes both forms.
 */

const text = z.string().trim().min(1, 'expected a text');

const whole = ({ least, most }: Range, message = wholeNumberFrom({ least, most })) =>
  z
    .union([z.int(), z.string().trim().regex(/^\d+$/, message).transform(Number)], message)
    .pipe(z.int(message).min(least, message).max(most, message));

const time = (least: '0ms' | '1ms', message: string) =>
  z
    .string(message)
    .trim()
    .refine((text) => isDuration(text, least), message);

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
const LOCATIONS = 'expected folders or s3://BUCKET/PREFIX, several with commas between them';
const REGIONS = 'expected names of regions such as eu-central-1, several with commas between them';
const HOSTS =
  'expected names of hosts such as hooks.example.com or *.example.com, several with commas between them';
const RECEIVERS =
  'expected a list of receivers such as [{"urlEnv":"NOTIFY_HOOK"}], in a variable as JSON';
const PRICES =
  'expected a price above 0, up to 1000000, or one by pool: { cpu: 0.4, gpu: 3 }, as a variable cpu=0.4,gpu=3';
const MAX_PRICE = 1_000_000;
const POOL = /^[a-z0-9][a-z0-9_-]*$/;
const price = z.number(PRICES).refine((value) => value > 0 && value <= MAX_PRICE, PRICES);
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
  lineageUrl: text.refine(
    (url) => /^(https?:\/\/|file:\/\/\/.*[^/]$)/i.test(url) && URL.canParse(url),
    'expected http://HOST:PORT, https://HOST or file:///FOLDER/EVENTS.ndjson',
  ),
  nodes: list(z.string().regex(/^.+:\d+$/, NODES), NODES),
  /** A local file or folder. */
  path: text,
  /** Local files or folders and `s3://…`, each with `JOBS=` before it or not. */
  locations: list(z.string().trim().min(1), LOCATIONS),
  /** Names of regions with `*` for any text, each with `JOBS=` before it or not. */
  regions: list(z.string().regex(/^([a-z0-9_*-]+=)?[A-Za-z0-9_*-]+$/, REGIONS), REGIONS),
  /** Names of hosts, each with `*.` or with `JOBS=` before it or not. */
  hosts: list(
    z
      .string()
      .trim()
      .regex(/^([a-z0-9_*-]+=)?(\*\.)?[^\s*/:=]+$/i, HOSTS),
    HOSTS,
  ),
  receivers: z
    .union([z.array(z.unknown()), z.string().transform(fromJson)], RECEIVERS)
    .pipe(z.array(z.unknown(), RECEIVERS).pipe(notifySchema))
    .readonly(),
  prices: z
    .union([price, z.string().transform(pricesFromText), z.record(z.string(), z.unknown())], PRICES)
    .transform((value): unknown => (typeof value === 'number' ? { [OTHER_POOLS]: value } : value))
    .pipe(
      z.record(z.union([z.literal(OTHER_POOLS), z.string().regex(POOL)], PRICES), price, PRICES),
    ),
  names: list(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, NAMES), NAMES),
  /** A folder, or `s3://…`. */
  location: text,
  yesNo: z
    .union(
      [z.boolean(), z.enum(['true', 'false'], YES_NO).transform((value) => value === 'true')],
      YES_NO,
    )
    .pipe(z.boolean()),
  /** As Python's programs write it, too. */
  trueOrFalse: z
    .union(
      [
        z.boolean(),
        z
          .string()
          .trim()
          .toLowerCase()
          .pipe(z.enum(['true', 'false'], YES_NO).transform((value) => value === 'true')),
      ],
      YES_NO,
    )
    .pipe(z.boolean()),
  encryption: z.enum(['AES256', 'aws:kms'], 'expected AES256 or aws:kms'),
  conditionalWrites: z.enum(['required', 'unchecked'], 'expected required or unchecked'),
  duration: time('0ms', DURATION_MESSAGE),
  positiveDuration: time('1ms', POSITIVE_DURATION_MESSAGE),
  memory: z
    .union(
      [
        z.int(MEMORY_MESSAGE),
        z.string().regex(/^\d+$/, MEMORY_MESSAGE).transform(Number),
        z.string().regex(/^\d+(\.\d+)?\s*(%|[KMGT]i?B)$/, MEMORY_MESSAGE),
      ],
      MEMORY_MESSAGE,
    )
    .refine(isMemorySize, MEMORY_MESSAGE),
  pool: z
    .string('expected lower-case letters, digits, - and _')
    .regex(/^[a-z0-9][a-z0-9_-]*$/, 'expected lower-case letters, digits, - and _'),
  engines: whole(ENGINES),
  lanes: whole(LANES),
  notices: list(z.enum(['aws', 'gcp', 'azure'], NOTICES), NOTICES),
  port: z.union(
    [z.literal('none'), whole({ least: 0, most: 65_535 })],
    'expected a port from 0 to 65535, or none',
  ),
  logLevel: z.enum(['debug', 'info', 'warn', 'error'], 'expected debug, info, warn or error'),
  logFormat: z.enum(['pretty', 'json'], 'expected pretty or json'),
};

export type SettingValues = {
  readonly [T in keyof typeof settingTypes]: z.output<(typeof settingTypes)[T]>;
};

/** `0.4`, or `cpu=0.4,gpu=3`; what is no price is refused by what comes after it. */
function pricesFromText(text: string): unknown {
  const items = text.split(',').map((item) => item.trim());
  const [only = ''] = items;
  if (items.length === 1 && !only.includes('=')) return { [OTHER_POOLS]: numberFrom(only) };
  return Object.fromEntries(
    items.map((item) => {
      const at = item.indexOf('=');
      return [item.slice(0, at).trim(), numberFrom(item.slice(at + 1))];
    }),
  );
}

/** Decimal notation; anything else is NaN. */
const numberFrom = (text: string): number =>
  /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : Number.NaN;

/** What it is not is refused by what comes after it. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
