import { expect, test } from 'vitest';
import { filteredEnvironment, ownEnvironment } from './engine-environment.js';

const ENV = {
  PATH: '/bin',
  HOME: '/home/x',
  LC_ALL: 'C',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  NODE_EXTRA_CA_CERTS: '/ca.pem',
  SHARDMILL_REDIS_URL: 'redis://:secret@host',
  SHARDMILL_REDIS_PASSWORD: 'secret',
  SHARDMILL_REDIS_SENTINEL_PASSWORD: 'secret',
  SHARDMILL_STATUS_TOKEN: 'secret',
  SHARDMILL_STATE_URI: 's3://state',
  DATABASE_URL: 'secret',
  THRESHOLD: '3',
};

test('an engine of a fleet gets what is needed, and what was named', () => {
  const { PATH, HOME, LC_ALL, AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE } = ENV;
  const { NODE_EXTRA_CA_CERTS, THRESHOLD } = ENV;
  const needed = { PATH, HOME, LC_ALL, AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE };
  expect(filteredEnvironment(ENV, ['THRESHOLD', 'NONE'])).toEqual({
    ...needed,
    NODE_EXTRA_CA_CERTS,
    THRESHOLD,
  });
});

test('an engine of a command gets all but the secrets of the fleet', () => {
  const got = ownEnvironment(ENV);
  expect(got).toMatchObject({ DATABASE_URL: 'secret', THRESHOLD: '3', PATH: '/bin' });
  expect(Object.keys(got).filter((name) => /REDIS|STATUS/.test(name))).toEqual([]);
});
