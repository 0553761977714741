import { describe, expect, it } from 'vitest';
import { s3Settings } from './s3-settings.js';

const AWS = {
  endpoint: undefined,
  region: undefined,
  pathStyle: false,
  encryption: undefined,
  kmsKeyId: undefined,
  conditionalWrites: 'required',
  requestTimeoutMs: 30_000,
  retryForMs: 120_000,
};
const OWN = { ...AWS, endpoint: 'http://store:9000', region: 'us-east-1', pathStyle: true };

describe('options of S3', () => {
  it.each([
    ['none: AWS, its region from the profile', {}, {}, AWS],
    [
      'a region of the environment',
      {},
      { AWS_REGION: 'eu-west-1' },
      { ...AWS, region: 'eu-west-1' },
    ],
    [
      "an endpoint of the environment: path style, and a region that other stores don't mind",
      {},
      { AWS_ENDPOINT_URL_S3: 'http://store:9000', AWS_ENDPOINT_URL: 'http://other' },
      OWN,
    ],
    ['the general endpoint', {}, { AWS_ENDPOINT_URL: 'http://store:9000' }, OWN],
    [
      'options before the environment',
      { endpoint: 'http://store:9000', region: 'de', pathStyle: false, retryForMs: 0 },
      { AWS_ENDPOINT_URL_S3: 'http://other', AWS_REGION: 'eu-west-1' },
      { ...OWN, region: 'de', pathStyle: false, retryForMs: 0 },
    ],
    [
      'encryption with a key',
      { encryption: 'aws:kms', kmsKeyId: 'k' },
      {},
      { ...AWS, encryption: 'aws:kms', kmsKeyId: 'k' },
    ],
  ] as const)('%s', (_, options, env, expected) => {
    expect(s3Settings(options, env)).toEqual(expected);
  });

  it.each([
    [{ endpoint: 'store:9000' }, 'store:9000'],
    [{ kmsKeyId: 'k' }, 'encryption is not set'],
    [{ kmsKeyId: 'k', encryption: 'AES256' }, 'encryption is AES256'],
    [{ requestTimeoutMs: 0 }, 'requestTimeoutMs is 0'],
    [{ retryForMs: -1 }, 'retryForMs is -1'],
    [{ retryForMs: Number.NaN }, 'retryForMs is NaN'],
  ] as const)('%o are refused', (options, message) => {
    expect(() => s3Settings(options, {})).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(message),
      }),
    );
  });
});
