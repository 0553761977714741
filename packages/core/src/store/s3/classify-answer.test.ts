import { describe, expect, it } from 'vitest';
import { classifyAnswer } from './classify-answer.js';

const TABLE = [
  // No answer, or not all of it.
  [undefined, 'ECONNREFUSED', 'retry'],
  [undefined, 'ECONNRESET', 'retry'],
  [undefined, 'EPIPE', 'retry'],
  [undefined, 'ENOTFOUND', 'retry'],
  [undefined, 'EAI_AGAIN', 'retry'],
  [undefined, 'TimeoutError', 'retry'],
  [undefined, 'IncompleteBody', 'retry'],
  [undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'fatal'],
  [undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'fatal'],
  [undefined, 'CERT_HAS_EXPIRED', 'fatal'],
  [undefined, 'ERR_TLS_CERT_ALTNAME_INVALID', 'fatal'],
  [undefined, 'EPROTO', 'fatal'],
  [undefined, 'CredentialsProviderError', 'denied'],
  // The store is in trouble, or another wrote at the same time.
  [500, 'InternalError', 'retry'],
  [502, 'UnknownError', 'retry'],
  [504, 'GatewayTimeout', 'retry'],
  [599, 'UnknownError', 'retry'],
  [409, 'ConditionalRequestConflict', 'retry'],
  [409, 'OperationAborted', 'retry'],
  [408, 'UnknownError', 'retry'],
  [200, 'SyntaxError', 'retry'],
  // The request did not arrive as it was sent.
  [400, 'RequestTimeout', 'retry'],
  [400, 'IncompleteBody', 'retry'],
  [400, 'BadDigest', 'retry'],
  [400, 'XAmzContentSHA256Mismatch', 'retry'],
  [403, 'RequestTimeTooSkewed', 'retry'],
  // Too many requests.
  [503, 'SlowDown', 'slow-down'],
  [503, 'ServiceUnavailable', 'slow-down'],
  [503, 'UnknownError', 'slow-down'],
  [429, 'TooManyRequests', 'slow-down'],
  [400, 'ThrottlingException', 'slow-down'],
  [400, 'RequestLimitExceeded', 'slow-down'],
  // Credentials and rights.
  [401, 'Unauthorized', 'denied'],
  [403, 'AccessDenied', 'denied'],
  [403, 'SignatureDoesNotMatch', 'denied'],
  [403, 'InvalidAccessKeyId', 'denied'],
  [403, '403', 'denied'],
  [400, 'ExpiredToken', 'denied'],
  // What is there, and what is not.
  [404, 'NoSuchKey', 'missing'],
  [404, 'NotFound', 'missing'],
  [404, 'NoSuchBucket', 'no-bucket'],
  [412, 'PreconditionFailed', 'precondition'],
  [412, '412', 'precondition'],
  [416, 'InvalidRange', 'out-of-range'],
  // What would be no better another time.
  [501, 'NotImplemented', 'unsupported'],
  [400, 'InvalidArgument', 'fatal'],
  [400, 'AuthorizationHeaderMalformed', 'fatal'],
  [301, 'PermanentRedirect', 'fatal'],
  [405, 'MethodNotAllowed', 'fatal'],
] as const;

describe('the class of an answer', () => {
  it.each(TABLE)('%s %s is %s', (status, code, expected) => {
    expect(classifyAnswer({ status, code })).toBe(expected);
  });
});
