/** What a store answered to one request. */
export interface StoreAnswer {
  /** The HTTP status; undefined where no answer came, or not all of it. */
  readonly status: number | undefined;
  /** The store's own code (`NoSuchKey`), or the system's where no answer came (`ECONNRESET`). */
  readonly code: string;
  readonly message: string;
}

/**
 * - `retry`: the same request may succeed; whether this one took effect is open.
 * - `slow-down`: so too, but later.
 * - `denied`: the credentials, or what they may do.
 * - `missing`: no such object.
 * - `no-bucket`: no such bucket.
 * - `precondition`: If-None-Match or If-Match did not hold.
 * - `out-of-range`: the object ends before the range begins.
 * - `unsupported`: the store does not know the request.
 * - `fatal`: anything else; the same request would fail again.
 */
export type AnswerClass =
  | 'retry'
  | 'slow-down'
  | 'denied'
  | 'missing'
  | 'no-bucket'
  | 'precondition'
  | 'out-of-range'
  | 'unsupported'
  | 'fatal';

/** Decides by the code first: a status has several meanings. */
export function classifyAnswer({ status, code }: Omit<StoreAnswer, 'message'>): AnswerClass {
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (/throttl|slowdown|too ?many|limitexceeded/i.test(code)) return 'slow-down';
  if (status === undefined) return isBadCertificate(code) ? 'fatal' : 'retry';
  const byStatus = BY_STATUS[status];
  if (byStatus !== undefined) return byStatus;
  // An answer of 200 that cannot be read was cut off or garbled on its way.
  return status >= 500 || status < 300 ? 'retry' : 'fatal';
}

const BY_CODE: Readonly<Record<string, AnswerClass>> = {
  NoSuchBucket: 'no-bucket',
  NoSuchKey: 'missing',
  NotFound: 'missing',
  PreconditionFailed: 'precondition',
  InvalidRange: 'out-of-range',
  NotImplemented: 'unsupported',
  // Two conditional writes at once, of which neither need have won.
  ConditionalRequestConflict: 'retry',
  OperationAborted: 'retry',
  // With status 400, all three: the body did not arrive, or not in time, or not as it was sent.
  RequestTimeout: 'retry',
  IncompleteBody: 'retry',
  BadDigest: 'retry',
  XAmzContentSHA256Mismatch: 'retry',
  // The SDK has set its clock by the answer.
  RequestTimeTooSkewed: 'retry',
  // With status 400.
  ExpiredToken: 'denied',
  InvalidToken: 'denied',
  TokenRefreshRequired: 'denied',
  // No status: the chain of credential providers came to its end.
  CredentialsProviderError: 'denied',
  // Not a certificate, but no better another time.
  ERR_INVALID_URL: 'fatal',
  EPROTO: 'fatal',
};

const BY_STATUS: Readonly<Record<number, AnswerClass>> = {
  401: 'denied',
  403: 'denied',
  404: 'missing',
  408: 'retry',
  409: 'retry',
  412: 'precondition',
  416: 'out-of-range',
  429: 'slow-down',
  501: 'unsupported',
  503: 'slow-down',
};

function isBadCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_(TLS|SSL)/.test(code);
}
