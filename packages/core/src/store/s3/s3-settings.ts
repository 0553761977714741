import { ShardmillError } from '../../errors/shardmill-error.js';
import { withoutLogin } from '../../text/without-login.js';
import type { S3Options } from '../storage-options.js';

/** `S3Options` with every default filled in. */
export interface S3Settings {
  /** undefined: AWS itself. */
  readonly endpoint: string | undefined;
  /** undefined: left to the AWS profile. */
  readonly region: string | undefined;
  readonly pathStyle: boolean;
  readonly encryption: S3Options['encryption'];
  readonly kmsKeyId: string | undefined;
  readonly conditionalWrites: 'required' | 'unchecked';
  readonly requestTimeoutMs: number;
  readonly retryForMs: number;
}

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
const DEFAULT_RETRY_FOR_MS = 120_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CONFIG_INVALID where two options contradict each other or a value makes no sense. */
export function s3Settings(options: S3Options, env: Environment): S3Settings {
  const endpoint = options.endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw invalid(
      `the endpoint is "${withoutLogin(endpoint)}": expected http://HOST or https://HOST`,
    );
  }
  const { encryption, kmsKeyId } = options;
  if (kmsKeyId !== undefined && encryption !== 'aws:kms') {
    throw invalid(`kmsKeyId is given, but encryption is ${encryption ?? 'not set'}, not aws:kms`);
  }
  const requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
  if (!(requestTimeoutMs > 0)) {
    throw invalid(`requestTimeoutMs is ${requestTimeoutMs}: expected more than 0`);
  }
  const retryForMs = options.retryForMs ?? DEFAULT_RETRY_FOR_MS;
  if (!(retryForMs >= 0)) throw invalid(`retryForMs is ${retryForMs}: expected 0 or more`);
  return {
    endpoint,
    region: options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? ownRegion(endpoint),
    pathStyle: options.pathStyle ?? endpoint !== undefined,
    encryption,
    kmsKeyId,
    conditionalWrites: options.conditionalWrites ?? 'required',
    requestTimeoutMs,
    retryForMs,
  };
}

/** Other stores than AWS's mostly ignore the region, but a signature must name one. */
function ownRegion(endpoint: string | undefined): string | undefined {
  return endpoint === undefined ? undefined : 'us-east-1';
}

function invalid(message: string): ShardmillError {
  return new ShardmillError('CONFIG_INVALID', message, { where: 'S3 options' });
}
