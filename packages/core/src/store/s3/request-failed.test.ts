import { describe, expect, it } from 'vitest';
import { RequestFailed, requestFailed } from './request-failed.js';

const sdkError = (name: string, status: number, message: string): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

describe('what the SDK throws', () => {
  it.each([
    [
      sdkError('SlowDown', 503, 'Please reduce.'),
      '503 SlowDown: Please reduce.',
      'slow-down',
      true,
    ],
    [sdkError('NoSuchKey', 404, 'UnknownError'), '404 NoSuchKey', 'missing', true],
    [sdkError('Unknown', 500, 'UnknownError'), '500', 'retry', false],
    [sdkError('403', 403, ''), '403', 'denied', false],
    [sdkError('Error', 502, 'not XML\n  look at $response'), '502 Error: not XML', 'retry', true],
  ] as const)('%s is reported as %s', (error, words, expected, hasDetail) => {
    const failed = requestFailed(error);
    expect(failed).toMatchObject({ class: expected, hasDetail, cause: error });
    expect(failed).toHaveProperty('message', `the store answered ${words}`);
  });

  it('may be an answer that could not be read', () => {
    const garbled = Object.assign(new SyntaxError('char'), { $response: { statusCode: 200 } });
    expect(requestFailed(garbled)).toMatchObject({ class: 'retry', answer: { status: 200 } });
    expect(
      requestFailed(new Error('Checksum mismatch: expected "a" but received "b"')),
    ).toMatchObject({ class: 'retry' });
  });

  it.each([
    [
      Object.assign(new Error('reset'), { name: 'TimeoutError', code: 'ECONNRESET' }),
      'ECONNRESET: reset',
    ],
    [Object.assign(new Error('too long'), { name: 'TimeoutError' }), 'TimeoutError: too long'],
  ])('may be that no answer came', (error, words) => {
    const failed = requestFailed(error);
    expect(failed).toMatchObject({ class: 'retry', hasDetail: true });
    expect(failed).toHaveProperty('message', `no answer (${words})`);
  });

  it.each([
    new TypeError('a bug'),
    'text',
    new RequestFailed({ status: 1, code: '', message: '' }),
  ])('stays as it is where it is no answer: %s', (thrown) =>
    expect(requestFailed(thrown)).toBe(thrown),
  );
});
