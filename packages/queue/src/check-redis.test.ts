import { afterEach, describe, expect, it } from 'vitest';
import { problemsOf } from './check-redis.js';
import { TestFleet } from './testing/fleet.js';

let fleet: TestFleet | undefined;

afterEach(async () => {
  await fleet?.close();
  fleet = undefined;
});

const good = {
  software: 'redis',
  version: '7.0.15',
  mode: 'standalone',
  maxmemoryPolicy: 'noeviction',
  appendOnly: true,
  snapshots: false,
  usedMemoryBytes: 1,
  maxMemoryBytes: 0,
} as const;

describe('the check of Redis', () => {
  it('reports what the server is', async () => {
    fleet = await TestFleet.start({ appendOnly: true, args: ['--maxmemory', '64mb'] });
    const report = await (await fleet.join()).check();
    expect(report).toMatchObject({
      where: `127.0.0.1:${fleet.server.port}`,
      software: 'redis',
      version: expect.stringMatching(/^\d+\.\d+/),
      mode: 'standalone',
      maxmemoryPolicy: 'noeviction',
      persistence: { appendOnly: true, snapshots: false },
      maxMemoryBytes: 64 * 2 ** 20,
      problems: [],
    });
    expect(report.usedMemoryBytes).toBeGreaterThan(100_000);
    expect(report.latencyMs).toBeGreaterThan(0);
    expect(report.connectedClients).toBeGreaterThan(0);
  });

  it('finds a server that may drop what is queued', async () => {
    fleet = await TestFleet.start({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const { problems } = await (await fleet.join()).check();
    expect(problems.map(({ severity }) => severity)).toEqual(['unsuitable', 'advice']);
    expect(problems[0]?.message).toContain('allkeys-lru');
  });

  it.each([
    [{ ...good, version: '6.0.16' }, ['unsuitable'], /6\.0\.16 is too old/],
    [{ ...good, version: '6.2.0' }, [], /^$/],
    [{ ...good, software: 'valkey', version: '8.0.1' } as const, [], /^$/],
    [{ ...good, usedMemoryBytes: 90, maxMemoryBytes: 100 }, ['advice'], /90 of 100 bytes/],
    [{ ...good, appendOnly: false, snapshots: null }, ['advice'], /nothing on disk/],
    [{ ...good, appendOnly: false, snapshots: true }, [], /^$/],
    [{ ...good, maxmemoryPolicy: null }, [], /^$/],
  ])('of %o finds %o', (facts, severities, message) => {
    const problems = problemsOf(facts);
    expect(problems.map(({ severity }) => severity)).toEqual(severities);
    expect(problems[0]?.message ?? '').toMatch(message);
  });
});
