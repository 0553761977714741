import { describe, expect, it } from 'vitest';
import { localPath, openStore } from './open-store.js';

describe('locations', () => {
  it.each([
    ['data', '/jobs/churn/data'],
    ['../data/', '/jobs/data'],
    ['/abs/data', '/abs/data'],
    ['file:///abs/with%20space', '/abs/with space'],
    ['a:b', '/jobs/churn/a:b'],
  ])('%s is %s', (uri, expected) => expect(localPath(uri, '/jobs/churn')).toBe(expected));

  it.each(['s3://lake/x', 'gs://x/y', 'https://x/y'])('%s is not served', (uri) => {
    expect(() => openStore(uri)).toThrow(
      expect.objectContaining({ code: 'URI_UNSUPPORTED', where: uri }),
    );
  });
});
