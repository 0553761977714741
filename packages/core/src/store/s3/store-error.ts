import { type ErrorCode, ERRORS } from '../../errors/registry.js';
import { ShardmillError, toShardmillError } from '../../errors/shardmill-error.js';
import { storageError } from '../file-identity.js';
import type { AnswerClass } from './classify-answer.js';
import { RequestFailed } from './request-failed.js';
import { RetriesExhausted } from './retry.js';

/** What stopped reading or writing `where`, as an error that says what to do. */
export function storeError(error: unknown, where: string, doing: 'read' | 'write'): ShardmillError {
  if (error instanceof ShardmillError) {
    if (error.where !== undefined) return error;
    const { code, message, remedy } = error;
    return new ShardmillError(code, message, { where, remedy, cause: error });
  }
  if (error instanceof RetriesExhausted) {
    // Refused by the clock until the end: that is the credentials' fault, not the network's.
    const { status } = error.last.answer;
    const code = status === 401 || status === 403 ? 'STORE_DENIED' : 'STORE_UNREACHABLE';
    return new ShardmillError(code, error.message, { where, cause: error });
  }
  if (error instanceof RequestFailed) return failure(error, where, doing);
  if (error instanceof Error && /^Region is missing/i.test(error.message)) {
    return new ShardmillError('CONFIG_INVALID', 'no region is set for s3://', {
      where,
      remedy: 'Set AWS_REGION, or a region in the AWS profile.',
      cause: error,
    });
  }
  const ofTheSystem = error instanceof Error && 'code' in error;
  return ofTheSystem
    ? storageError(error, where, doing)
    : toShardmillError(error, 'INTERNAL', { where });
}

function failure(failed: RequestFailed, where: string, doing: 'read' | 'write'): ShardmillError {
  if (failed.answer.code === 'CredentialsProviderError') {
    return new ShardmillError('STORE_DENIED', 'no credentials for S3 were found', {
      where,
      remedy:
        'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN for temporary ones) or AWS_PROFILE, or run where the machine has a role.',
      cause: failed,
    });
  }
  const code = CODES[failed.class][doing];
  const remedy =
    failed.class === 'no-bucket' ? 'Create the bucket, or correct its name.' : ERRORS[code].remedy;
  return new ShardmillError(code, failed.message, { where, remedy, cause: failed });
}

const always = (code: ErrorCode): Record<'read' | 'write', ErrorCode> => ({
  read: code,
  write: code,
});

const CODES: Readonly<Record<AnswerClass, Record<'read' | 'write', ErrorCode>>> = {
  retry: always('STORE_UNREACHABLE'),
  'slow-down': always('STORE_UNREACHABLE'),
  denied: always('STORE_DENIED'),
  missing: { read: 'INPUT_NOT_FOUND', write: 'OUTPUT_NOT_WRITABLE' },
  'no-bucket': { read: 'INPUT_NOT_FOUND', write: 'OUTPUT_NOT_WRITABLE' },
  precondition: { read: 'INPUT_CHANGED', write: 'OUTPUT_CONFLICT' },
  'out-of-range': { read: 'INPUT_UNREADABLE', write: 'OUTPUT_NOT_WRITABLE' },
  unsupported: always('STORE_UNSUPPORTED'),
  fatal: { read: 'INPUT_UNREADABLE', write: 'OUTPUT_NOT_WRITABLE' },
};
