import type { ReceiverDefinition } from '../job/schedule/notify-schema.js';

/**
 * What `shardmill.config.ts` (or .js, .yaml, .json) may hold. Every setting is explained in
 * docs/configuration.md; what is left out comes from the environment or has a default.
 */
export interface ConfigDefinition {
  /** How Redis (6.2 or later) or Valkey is reached. */
  readonly redis?: {
    /** `redis://` or `rediss://`, with a database number if it is not 0. */
    readonly url?: string;
    readonly username?: string;
    /** Better given as SHARDMILL_REDIS_PASSWORD. */
    readonly password?: string;
    /** Before every key; in braces, so that a cluster keeps all of them in one slot. */
    readonly prefix?: string;
    /** `host:port` of some nodes of a cluster. */
    readonly cluster?: readonly string[];
    readonly sentinel?: {
      /** The name of the master. */
      readonly name?: string;
      /** `host:port` of some sentinels. */
      readonly nodes?: readonly string[];
      readonly password?: string;
    };
    /** PEM files; they need `rediss://`. */
    readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  };
  readonly state?: {
    /** Where the log of all runs is kept: a folder, or `s3://bucket/prefix`. */
    readonly uri?: string;
  };
  readonly s3?: {
    /** The URL of a store other than AWS. */
    readonly endpoint?: string;
    readonly region?: string;
    /** Bucket in the path, not in the host name. */
    readonly pathStyle?: boolean;
    /** Encryption of what is written. */
    readonly encryption?: 'AES256' | 'aws:kms';
    readonly kmsKeyId?: string;
    /** `unchecked` goes on with a store that ignores conditions: rows may be lost or doubled. */
    readonly conditionalWrites?: 'required' | 'unchecked';
    /** The time that one request may take, for example `30s`. */
    readonly requestTimeout?: string;
    /** How long a request is tried again, for example `2m`. */
    readonly retryFor?: string;
  };
  readonly cache?: {
    /** Models that were fetched, kept by their digest. */
    readonly folder?: string;
  };
  readonly worker?: {
    /** Takes the shards of jobs whose `resources.pool` is this. */
    readonly pool?: string;
    /** Engine processes. */
    readonly engines?: number;
    /** Inference threads per engine process. */
    readonly lanes?: number;
    /** What all engine processes together may use: `2GiB`, or `60%` of what this process may use. */
    readonly memoryLimit?: string | number;
    /** Time from SIGTERM to the end, for example `25s`. */
    readonly grace?: string;
    /** Clouds whose notices of interruption are polled. */
    readonly notices?: readonly ('aws' | 'gcp' | 'azure')[];
    /** The port of /healthz, /readyz and /metrics; 0 for any free one. */
    readonly statusPort?: number | 'none';
  };
  readonly plan?: {
    /** The time that planning one run may take, for example `10m`. */
    readonly timeout?: string;
    /** Resident memory of the processes that plan one run: `2GiB`, or `40%`. */
    readonly memoryLimit?: string | number;
  };
  readonly scheduler?: {
    /** The time between two checks of every run, for example `5s`. */
    readonly interval?: string;
    /** The port of /healthz, /readyz and /metrics; 0 for any free one. */
    readonly statusPort?: number | 'none';
  };
  readonly status?: {
    /** Address that the status port listens on; 127.0.0.1 unless set. */
    readonly host?: string;
    /** The token that `/metrics` requires. Better given as SHARDMILL_STATUS_TOKEN. */
    readonly token?: string;
    /** PEM files: HTTPS instead of HTTP. */
    readonly tls?: { readonly cert?: string; readonly key?: string };
  };
  readonly engine?: {
    /** Names of further environment variables that engines of a fleet get. */
    readonly environment?: readonly string[];
  };
  readonly allow?: {
    /** Folders, files and `s3://BUCKET/PREFIX`, with `JOBS=` before those of some jobs. */
    readonly inputs?: readonly string[];
    readonly models?: readonly string[];
    readonly outputs?: readonly string[];
    /** Folders from which transforms may be loaded; any folder where left out. */
    readonly transforms?: readonly string[];
    /** Regions that buckets may be in, `*` for any text, with `JOBS=` before those of some jobs. */
    readonly regions?: readonly string[];
    /** Hosts that jobs may send notifications to; any with a public address where left out. */
    readonly notify?: readonly string[];
  };
  readonly notify?: {
    /** Who is notified of the ends of all runs. */
    readonly receivers?: readonly ReceiverDefinition[];
  };
  readonly price?: {
    /** What an hour of one worker costs: for all pools, or by the name of the pool. */
    readonly workerHour?: number | Readonly<Record<string, number>>;
  };
  readonly models?: {
    /** Whether jobs without `model.sha256` are refused. */
    readonly requireSha256?: boolean;
  };
  readonly lineage?: {
    /** Where events of OpenLineage are sent; `file:///…` appends them to a file. */
    readonly url?: string;
    /** The path below that address; `api/v1/lineage` where left out. */
    readonly endpoint?: string;
    /** Better given as OPENLINEAGE_API_KEY. */
    readonly apiKey?: string;
    /** Of jobs in events; `default` where left out. */
    readonly namespace?: string;
    /** Sends none. */
    readonly disabled?: boolean;
  };
  readonly log?: {
    readonly level?: 'debug' | 'info' | 'warn' | 'error';
    /** `pretty` on a terminal, else `json`, where left out. */
    readonly format?: 'pretty' | 'json';
  };
}

/** Type-checks a configuration in an editor; the checks at run time are the command line's. */
export function defineConfig(definition: ConfigDefinition): ConfigDefinition {
  return definition;
}
