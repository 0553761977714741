import { describe, expect, it } from 'vitest';
import type { RedisOptions } from './redis-options.js';
import { reconnectDelayMs } from './connect-redis.js';
import { redisTarget } from './redis-target.js';

describe('the options of Redis', () => {
  it('have defaults', () => {
    expect(redisTarget({})).toMatchObject({
      kind: 'server',
      nodes: [{ host: '127.0.0.1', port: 6379 }],
      database: 0,
      tls: false,
      prefix: '{shardmill}',
      where: '127.0.0.1:6379',
    });
  });

  it('take user, password and database from the url, and show only the database', () => {
    expect(redisTarget({ url: 'rediss://me:s%20cret@redis.example:7000/3' })).toMatchObject({
      nodes: [{ host: 'redis.example', port: 7000 }],
      username: 'me',
      password: 's cret',
      database: 3,
      tls: true,
      where: 'redis.example:7000/3',
    });
  });

  it('prefer user and password of their own', () => {
    const options = { url: 'redis://me:secret@h', username: 'other', password: 'better' };
    expect(redisTarget(options)).toMatchObject({ username: 'other', password: 'better' });
  });

  it('name sentinels, with the url for user and database', () => {
    const sentinel = { name: 'mill', nodes: ['a:1', 'b', '[::1]:2'], password: 'p' };
    expect(redisTarget({ sentinel, url: 'rediss://me:secret@unused/2' })).toMatchObject({
      kind: 'sentinel',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26379 },
        { host: '::1', port: 2 },
      ],
      masterName: 'mill',
      sentinelPassword: 'p',
      username: 'me',
      database: 2,
      tls: true,
      where: 'mill at a:1,b:26379,[::1]:2/2',
    });
  });

  it('turn TLS on for a cluster with certificates and no url', () => {
    expect(redisTarget({ cluster: ['a:1'], tls: { ca: 'ca.pem' } })).toMatchObject({
      kind: 'cluster',
      tls: true,
    });
  });

  it.each<[string, RedisOptions, RegExp]>([
    ['another scheme', { url: 'http://h' }, /expected redis:/],
    ['no url at all', { url: 'localhost' }, /expected redis:/],
    ['a database that is no number', { url: 'redis://h/first' }, /database number, not first/],
    ['certificates without TLS', { url: 'redis://h', tls: { ca: 'x' } }, /redis:\/\/ and not/],
    [
      'a cluster and sentinels',
      { cluster: ['a'], sentinel: { name: 'm', nodes: ['b'] } },
      /only one/,
    ],
    ['a cluster without nodes', { cluster: [] }, /at least one/],
    ['a node that is none', { cluster: ['a:b:c'] }, /not a:b:c/],
    ['a cluster with a database', { cluster: ['a'], url: 'redis://x/1' }, /database 0 only/],
    ['a cluster with a prefix without braces', { cluster: ['a'], prefix: 'mill' }, /in braces/],
    ['an empty prefix', { prefix: '' }, /empty/],
  ])('are refused with %s', (_, options, message) => {
    expect(() => redisTarget(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('never quote a password in an error', () => {
    expect(() => redisTarget({ url: 'redis://me:secret@h/x' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('the pause before connecting again', () => {
  it('grows to a second and a half at most, and is spread by half', () => {
    expect([1, 2, 3, 50].map((times) => reconnectDelayMs(times, 1))).toEqual([50, 100, 200, 1500]);
    expect(reconnectDelayMs(50, 0)).toBe(750);
  });
});
