import path from 'node:path';
import {
  type ConfigDefinition,
  isS3,
  parseAllowed,
  resolveLocation,
  ShardmillError,
} from '@shardmill/core';
import { readDevFile } from './dev-file.js';
import { findProject } from './find-project.js';
import { type FileValues, readConfigFile, readConfigValues } from './read-config-file.js';
import { settingTypes } from './setting-types.js';
import {
  environmentOf,
  type Setting,
  type SettingName,
  settingNames,
  settingOf,
  type SettingValue,
} from './settings.js';

/** Where a value comes from, the strongest first. */
export type Origin =
  | { readonly kind: 'flag'; readonly flag: string }
  /** The `config` that a program gave to the API. */
  | { readonly kind: 'program' }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'file'; readonly file: string }
  /** A `shardmill dev` that is running in the project. */
  | { readonly kind: 'dev' }
  | { readonly kind: 'default' };

export interface SettingEntry {
  readonly name: SettingName;
  /** Checked; undefined where there is none. */
  readonly value: unknown;
  readonly origin: Origin;
}

/** What the user gave for this command: settings by name, and the file that was named. */
export interface GivenSettings {
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly configFile?: string | undefined;
  /** What a program gave to the API, in the form of a configuration file. */
  readonly config?: ConfigDefinition | undefined;
}

export interface SettingSources extends GivenSettings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Every setting's value: flag or program, else environment, else file, else a running `dev`, else default. */
export class Settings {
  readonly #entries: ReadonlyMap<SettingName, SettingEntry>;

  constructor(
    /** Where relative paths of the file and of defaults start. */
    readonly project: string,
    /** The configuration file, if there is one. */
    readonly file: string | undefined,
    entries: readonly SettingEntry[],
  ) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  get<N extends SettingName>(name: N): SettingValue<N> {
    // Checked by the schema of the setting's type, from which `SettingValue` is made.
    return this.#entries.get(name)?.value as SettingValue<N>;
  }

  originOf(name: SettingName): Origin {
    return this.#entries.get(name)?.origin ?? { kind: 'default' };
  }

  entries(): SettingEntry[] {
    return [...this.#entries.values()];
  }

  /** Whether the user said something about it: anything but its default. */
  isGiven(name: SettingName): boolean {
    const kind = this.#entries.get(name)?.origin.kind;
    return kind !== undefined && kind !== 'default' && kind !== 'dev';
  }
}

/** @throws CONFIG_INVALID with every fault that was found. */
export async function loadSettings(sources: SettingSources): Promise<Settings> {
  const { cwd, env } = sources;
  const given = sources.configFile ?? nonEmpty(env['SHARDMILL_CONFIG']);
  const { folder, file } = findProject(cwd, given);
  const fromFile: FileValues = file === undefined ? new Map() : await readConfigFile(file);
  const fromProgram = readConfigValues(sources.config, 'the config given to the API');
  const dev = await readDevFile(folder);
  const faults: string[] = [];
  const entries = settingNames().map((name) => {
    const setting = settingOf(name);
    const raw = firstGiven(name, setting, sources, { file, values: fromFile, fromProgram }) ??
      (dev === undefined ? undefined : fromDev(name, dev)) ?? {
        value: setting.default ?? undefined,
        origin: { kind: 'default' },
      };
    const parsed =
      raw.value === undefined ? undefined : settingTypes[setting.type].safeParse(raw.value);
    if (parsed?.success === false) {
      faults.push(fault(name, setting, raw, parsed.error.issues[0]?.message ?? 'not allowed'));
    }
    const base = ['flag', 'program', 'environment'].includes(raw.origin.kind) ? cwd : folder;
    return { name, value: resolved(setting, parsed?.data, base, env), origin: raw.origin };
  });
  if (faults.length > 0) throw new ShardmillError('CONFIG_INVALID', faults.join('\n'));
  return new Settings(folder, file, entries);
}

interface RawValue {
  readonly value: unknown;
  readonly origin: Origin;
}

interface FileSources {
  readonly file: string | undefined;
  readonly values: FileValues;
  readonly fromProgram: FileValues;
}

function firstGiven(
  name: SettingName,
  setting: Setting,
  { flags, env }: SettingSources,
  { file, values, fromProgram }: FileSources,
): RawValue | undefined {
  const flag = flags[name];
  if (flag !== undefined) {
    return { value: flag, origin: { kind: 'flag', flag: longFlag(setting) } };
  }
  if (fromProgram.has(name)) return { value: fromProgram.get(name), origin: { kind: 'program' } };
  const inEnvironment = (variables: readonly string[]): RawValue | undefined => {
    const variable = variables.find((candidate) => nonEmpty(env[candidate]) !== undefined);
    if (variable === undefined) return undefined;
    return { value: env[variable], origin: { kind: 'environment', variable } };
  };
  const own = inEnvironment([environmentOf(name)]);
  if (own !== undefined) return own;
  if (file !== undefined && values.has(name)) {
    return { value: values.get(name), origin: { kind: 'file', file } };
  }
  return inEnvironment(setting.alsoFrom ?? []);
}

function fromDev(
  name: SettingName,
  dev: { readonly redis: string; readonly state: string },
): RawValue | undefined {
  if (name === 'redis.url') return { value: dev.redis, origin: { kind: 'dev' } };
  if (name === 'state.uri') return { value: dev.state, origin: { kind: 'dev' } };
  return undefined;
}

function fault(name: SettingName, setting: Setting, raw: RawValue, message: string): string {
  // Where an address is not one, it cannot be said where its password begins.
  const secret = ['secret', 'redisUrl', 'httpUrl', 'lineageUrl', 'receivers'].includes(
    setting.type,
  );
  const found = secret ? '' : `; found ${JSON.stringify(raw.value)}`;
  return `${name} (${originText(raw.origin)}): ${message}${found}`;
}

/** Paths and locations in their one form; other values as they are. */
function resolved(
  setting: Setting,
  value: unknown,
  base: string,
  env: SettingSources['env'],
): unknown {
  if (setting.type === 'locations' && Array.isArray(value)) {
    return value.map((one) => resolvedEntry(String(one), base, env));
  }
  if (typeof value !== 'string') return value;
  if (setting.type === 'location') return resolveLocation(value, base);
  return setting.type === 'path' ? resolvedPath(value, base, env) : value;
}

/** An entry of `allow`; `s3://` alone is a whole store. */
function resolvedEntry(entry: string, base: string, env: SettingSources['env']): string {
  const { jobs, location } = parseAllowed(entry);
  const whole = /^s3:\/\/$/i.test(location);
  const place = isS3(location.toLowerCase()) ? location : resolvedPath(location, base, env);
  return `${jobs === undefined ? '' : `${jobs}=`}${whole ? 's3://' : resolveLocation(place, base)}`;
}

function resolvedPath(value: string, base: string, env: SettingSources['env']): string {
  return path.resolve(base, value.replace(/^~(?=\/|$)/, env['HOME'] ?? '~'));
}

/** `--redis`, `SHARDMILL_REDIS_URL`, the file's path, `shardmill dev`, `default`. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
      return origin.flag;
    case 'program':
      return 'the config given to the API';
    case 'environment':
      return origin.variable;
    case 'file':
      return origin.file;
    case 'dev':
      return 'shardmill dev';
    case 'default':
      return 'default';
    default: {
      const unknown: never = origin;
      return unknown;
    }
  }
}

const longFlag = (setting: Setting): string => setting.flag?.split(' ')[0] ?? '';

/** An empty variable is one that is not set: compose files have no other way to say so. */
const nonEmpty = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' ? undefined : value;
