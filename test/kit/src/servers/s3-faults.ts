/** What a proxy before S3 may do to a request; at most one of them to each. */
export const S3_FAULTS = [
  /** Answers 500 and does not pass the request on. */
  'error500',
  /** Answers 503 SlowDown and does not pass the request on. */
  'slowDown',
  /** Breaks the connection and does not pass the request on. */
  'reset',
  /** Passes the request on and answers 500. */
  'lateError500',
  /** Passes the request on and breaks the connection instead of answering. */
  'lostAnswer',
  /** Breaks the connection in the middle of the body of a GET's answer. */
  'truncatedBody',
  /** Answers late. */
  'slowAnswer',
] as const;
export type S3Fault = (typeof S3_FAULTS)[number];

/** How probable each fault is for a request, from 0 to 1; together 1 at most. */
export type S3FaultRates = Partial<Readonly<Record<S3Fault, number>>>;

/** @throws RangeError where the rates are no probabilities. */
export function checkRates(rates: S3FaultRates): void {
  const values = Object.values(rates);
  const sum = values.reduce((a, b) => a + b, 0);
  if (values.some((value) => !(value >= 0)) || !(sum <= 1)) {
    throw new RangeError(`rates of faults must be 0 or more and 1 together: ${values.join(', ')}`);
  }
}

/** The fault that a number in [0, 1) stands for, or undefined where it stands for none. */
export function faultAt(rates: S3FaultRates, uniform: number): S3Fault | undefined {
  let bound = 0;
  for (const fault of S3_FAULTS) {
    bound += rates[fault] ?? 0;
    if (uniform < bound) return fault;
  }
  return undefined;
}

export const ERROR_ANSWERS = {
  error500: { status: 500, code: 'InternalError', message: 'We encountered an internal error.' },
  slowDown: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
} as const;

export function errorBody({ code, message }: { code: string; message: string }): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
