import type { SettingValues } from './setting-types.js';

export interface Setting {
  /** What it holds; `setting-types.ts` says what is allowed. */
  readonly type: keyof SettingValues;
  /** The option and its argument; null for secrets, which a list of processes would show. */
  readonly flag: string | null;
  /** As a user would write it; null where there is none. */
  readonly default: string | number | null;
  /** What is done without a value, where there is no default. */
  readonly otherwise?: string;
  /** Variables of other programs that are asked after its own. */
  readonly alsoFrom?: readonly string[];
  readonly meaning: string;
}

/**
 * Every setting, by its key in the configuration file. Its environment variable follows from the
 * key (`environmentOf`). docs/configuration.md is held against this table by a test, both ways.
 */
const SETTINGS = {
  'redis.url': {
    type: 'redisUrl',
    flag: '--redis <url>',
    default: 'redis://127.0.0.1:6379',
    meaning: 'address of Redis or Valkey: redis://HOST:PORT/DATABASE, or rediss:// for TLS',
  },
  'redis.username': {
    type: 'text',
    flag: '--redis-username <name>',
    default: null,
    otherwise: "the one in the address, else Redis' default user",
    meaning: 'user of an access control list',
  },
  'redis.password': {
    type: 'secret',
    flag: null,
    default: null,
    otherwise: 'the one in the address, else none',
    meaning: 'password of the user',
  },
  'redis.prefix': {
    type: 'text',
    flag: '--redis-prefix <prefix>',
    default: '{shardmill}',
    meaning: 'before every key; in braces, so that a cluster keeps all of them in one slot',
  },
  'redis.cluster': {
    type: 'nodes',
    flag: '--redis-cluster <nodes>',
    default: null,
    otherwise: 'no cluster',
    meaning: 'HOST:PORT of some nodes of a Redis Cluster',
  },
  'redis.sentinel.name': {
    type: 'text',
    flag: '--redis-sentinel-name <name>',
    default: null,
    otherwise: 'no Sentinel',
    meaning: 'name of the master that the sentinels watch',
  },
  'redis.sentinel.nodes': {
    type: 'nodes',
    flag: '--redis-sentinel-nodes <nodes>',
    default: null,
    otherwise: 'no Sentinel',
    meaning: 'HOST:PORT of some sentinels',
  },
  'redis.sentinel.password': {
    type: 'secret',
    flag: null,
    default: null,
    otherwise: 'none',
    meaning: 'password of the sentinels themselves',
  },
  'redis.tls.ca': {
    type: 'path',
    flag: '--redis-tls-ca <file>',
    default: null,
    otherwise: "Node's own list",
    meaning: "certificates of the authorities that may sign the server's, as PEM",
  },
  'redis.tls.cert': {
    type: 'path',
    flag: '--redis-tls-cert <file>',
    default: null,
    otherwise: 'no client certificate',
    meaning: 'client certificate, as PEM',
  },
  'redis.tls.key': {
    type: 'path',
    flag: '--redis-tls-key <file>',
    default: null,
    otherwise: 'no client certificate',
    meaning: 'key of the client certificate, as PEM',
  },
  'state.uri': {
    type: 'location',
    flag: '--state <uri>',
    default: '.shardmill/state',
    meaning: 'where the log of all runs is kept: a folder that all share, or s3://BUCKET/PREFIX',
  },
  's3.endpoint': {
    type: 'httpUrl',
    flag: '--s3-endpoint <url>',
    default: null,
    otherwise: 'AWS',
    alsoFrom: ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'],
    meaning: 'address of a store other than AWS',
  },
  's3.region': {
    type: 'text',
    flag: '--s3-region <region>',
    default: null,
    otherwise: "the AWS profile's",
    alsoFrom: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    meaning: 'region of the buckets',
  },
  's3.pathStyle': {
    type: 'yesNo',
    flag: '--s3-path-style <true|false>',
    default: null,
    otherwise: 'true with s3.endpoint, else false',
    meaning: 'bucket in the path (true) or in the host name (false)',
  },
  's3.encryption': {
    type: 'encryption',
    flag: '--s3-encryption <kind>',
    default: null,
    otherwise: "the bucket's own",
    meaning: 'encryption of what is written: AES256 or aws:kms',
  },
  's3.kmsKeyId': {
    type: 'text',
    flag: '--s3-kms-key-id <id>',
    default: null,
    otherwise: "the bucket's own",
    meaning: 'key for aws:kms',
  },
  's3.conditionalWrites': {
    type: 'conditionalWrites',
    flag: '--s3-conditional-writes <rule>',
    default: 'required',
    meaning: 'required refuses a store that ignores conditions on PUT; unchecked goes on with it',
  },
  's3.requestTimeout': {
    type: 'positiveDuration',
    flag: '--s3-request-timeout <time>',
    default: '30s',
    meaning: 'of one request without progress, connecting included',
  },
  's3.retryFor': {
    type: 'duration',
    flag: '--s3-retry-for <time>',
    default: '2m',
    meaning: 'how long a request is tried again before STORE_UNREACHABLE',
  },
  'cache.folder': {
    type: 'path',
    flag: '--cache <folder>',
    default: null,
    otherwise: '~/.cache/shardmill, or in $XDG_CACHE_HOME',
    meaning:
      'models from S3, staged input and unfinished output; of this machine, shared by its workers',
  },
  'worker.pool': {
    type: 'pool',
    flag: '--pool <name>',
    default: 'cpu',
    meaning: 'takes the shards of jobs whose resources.pool is this',
  },
  'worker.engines': {
    type: 'engines',
    flag: '--engines <n>',
    default: null,
    otherwise: 'one for every four cores',
    meaning: 'engine processes',
  },
  'worker.lanes': {
    type: 'lanes',
    flag: '--lanes <n>',
    default: null,
    otherwise: "the job's, else what suits cores and memory",
    meaning: 'inference threads per engine process, each with its own session',
  },
  'worker.memoryLimit': {
    type: 'memory',
    flag: '--memory-limit <size>',
    default: null,
    otherwise: "the job's, else 80%",
    meaning: 'of all engine processes together: 2GiB, or 60% of what this process may use',
  },
  'worker.grace': {
    type: 'duration',
    flag: '--grace <time>',
    default: '25s',
    meaning: 'time from SIGTERM to the end: a part is finished if it fits, else handed back',
  },
  'worker.notices': {
    type: 'notices',
    flag: '--notices <clouds>',
    default: null,
    otherwise: 'none are asked for',
    meaning: 'clouds whose notices of interruption are asked for: aws, gcp, azure',
  },
  'worker.statusPort': {
    type: 'port',
    flag: '--port <port>',
    default: 9464,
    meaning:
      'of /healthz, /readyz and /metrics of a worker; 0 for any free one, none for no server',
  },
  'plan.timeout': {
    type: 'duration',
    flag: '--plan-timeout <time>',
    default: '10m',
    meaning: 'of planning one run: listing, footers, binding the job; then PLAN_TIMEOUT',
  },
  'plan.memoryLimit': {
    type: 'memory',
    flag: '--plan-memory-limit <size>',
    default: '40%',
    meaning: 'resident memory of the processes that plan one run; then PLAN_OUT_OF_MEMORY',
  },
  'scheduler.interval': {
    type: 'positiveDuration',
    flag: '--interval <time>',
    default: '5s',
    meaning: 'between two looks at every run',
  },
  'scheduler.statusPort': {
    type: 'port',
    flag: '--port <port>',
    default: 9465,
    meaning:
      'of /healthz, /readyz and /metrics of a scheduler; 0 for any free one, none for no server',
  },
  'engine.environment': {
    type: 'names',
    flag: '--engine-environment <names>',
    default: null,
    otherwise: 'none',
    meaning:
      'environment variables that engines of a fleet get beside those of Node, S3 and devices',
  },
  'allow.inputs': {
    type: 'locations',
    flag: '--allow-inputs <locations>',
    default: null,
    otherwise: 'any location',
    meaning: 'folders, files and s3://BUCKET/PREFIX that may be read as input; JOBS= before one',
  },
  'allow.models': {
    type: 'locations',
    flag: '--allow-models <locations>',
    default: null,
    otherwise: 'any location',
    meaning: 'where models may come from, their external data included',
  },
  'allow.outputs': {
    type: 'locations',
    flag: '--allow-outputs <locations>',
    default: null,
    otherwise: 'any location',
    meaning: 'where results may be written',
  },
  'allow.transforms': {
    type: 'locations',
    flag: '--allow-transforms <folders>',
    default: null,
    otherwise: 'any folder',
    meaning: 'folders from which transforms may be loaded',
  },
  'allow.regions': {
    type: 'regions',
    flag: '--allow-regions <names>',
    default: null,
    otherwise: 'any region',
    meaning: 'regions that buckets of jobs may be in; JOBS= before one',
  },
  'allow.notify': {
    type: 'hosts',
    flag: '--allow-notify <hosts>',
    default: null,
    otherwise: 'any host with a public address',
    meaning: 'hosts that jobs may send notifications to; *.HOST for all below it, JOBS= before one',
  },
  'notify.receivers': {
    type: 'receivers',
    flag: null,
    default: null,
    otherwise: 'none',
    meaning: 'who is notified of the ends of all runs, as in a job; as a variable, JSON',
  },
  'models.requireSha256': {
    type: 'yesNo',
    flag: '--models-require-sha256 <true|false>',
    default: 'false',
    meaning: 'whether jobs without model.sha256 are refused',
  },
  'status.host': {
    type: 'text',
    flag: '--host <address>',
    default: '127.0.0.1',
    meaning: 'address that the status port listens on; 0.0.0.0 or :: for all of this machine',
  },
  'status.token': {
    type: 'secret',
    flag: null,
    default: null,
    otherwise: 'none, and /metrics is answered to everybody',
    meaning: 'what /metrics asks for as Authorization: Bearer …',
  },
  'status.tls.cert': {
    type: 'path',
    flag: '--status-tls-cert <file>',
    default: null,
    otherwise: 'no TLS',
    meaning: 'certificate of the status port, as PEM, with those that lead to its authority',
  },
  'status.tls.key': {
    type: 'path',
    flag: '--status-tls-key <file>',
    default: null,
    otherwise: 'no TLS',
    meaning: 'key of that certificate, as PEM',
  },
  'log.level': {
    type: 'logLevel',
    flag: '--log-level <level>',
    default: 'info',
    meaning: 'the least that is logged: debug, info, warn or error',
  },
  'log.format': {
    type: 'logFormat',
    flag: '--log-format <format>',
    default: null,
    otherwise: 'pretty on a terminal, else json',
    meaning: 'pretty for people, json for programs: a line per event, on standard error',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

/** What a setting comes to: undefined only where it has no default. */
export type SettingValue<N extends SettingName> =
  | SettingValues[(typeof SETTINGS)[N]['type']]
  | ((typeof SETTINGS)[N]['default'] extends null ? undefined : never);

/** The first part of a setting's name: settings of one group are used together. */
export type SettingGroup = SettingName extends infer N
  ? N extends `${infer G}.${string}`
    ? G
    : never
  : never;

export const settingNames = (): SettingName[] => Object.keys(SETTINGS).filter(isSettingName);

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

export function settingOf(name: SettingName): Setting {
  return SETTINGS[name];
}

/** `SHARDMILL_S3_KMS_KEY_ID` of `s3.kmsKeyId`. */
export function environmentOf(name: SettingName): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_');
  return `SHARDMILL_${words.toUpperCase()}`;
}
