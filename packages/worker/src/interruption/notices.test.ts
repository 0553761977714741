import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Handler, LogLines, MetadataServer } from '../testing/metadata-server.js';
import { waitFor } from '../testing/wait-for.js';
import type { Notice } from './notice.js';
import { noticeSource, type NoticeSourceName } from './notice-source.js';

/** Paths with answers; what is not there answers 404, as at first it does for all. */
let answers: Map<string, string>;
let notices: Notice[];
let log: LogLines;
let now: number;
let server: MetadataServer | undefined;
let watching: Promise<void>;
let stop: AbortController;

beforeEach(() => {
  answers = new Map();
  notices = [];
  log = new LogLines();
  now = Date.parse('2026-11-22T05:00:00Z');
  stop = new AbortController();
  watching = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await watching;
  await server?.close();
  server = undefined;
});

function watch(name: NoticeSourceName, baseUrl: string): void {
  const source = noticeSource(name, { log, now: () => now, baseUrl, intervalMs: 5 });
  watching = source.watch((notice) => notices.push(notice), stop.signal);
}

async function serve(name: NoticeSourceName, handler: Handler): Promise<MetadataServer> {
  server = await MetadataServer.open(handler);
  watch(name, server.url);
  return server;
}

/** Waits until the service was asked this so many times more. */
async function askedAgain(path: string, times = 3): Promise<void> {
  const count = (): number => server?.requests.filter((line) => line.includes(path)).length ?? 0;
  const before = count();
  await waitFor(`more questions for ${path}`, () => count() >= before + times);
}

describe('EC2', () => {
  const TOKEN = '/latest/api/token';
  const ACTION = '/latest/meta-data/spot/instance-action';
  const REBALANCE = '/latest/meta-data/events/recommendations/rebalance';
  let validToken: string;
  let lifetime: string;

  const handler: Handler = (request, response, path) => {
    if (path === TOKEN && request.method === 'PUT') {
      const asked = request.headers['x-aws-ec2-metadata-token-ttl-seconds'];
      if (asked !== '21600') return void response.writeHead(400).end();
      const headers = { 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': lifetime };
      return void response.writeHead(200, headers).end(validToken);
    }
    if (request.headers['x-aws-ec2-metadata-token'] !== validToken) {
      return void response.writeHead(401).end();
    }
    const answer = answers.get(path);
    return void response.writeHead(answer === undefined ? 404 : 200).end(answer);
  };

  beforeEach(() => {
    validToken = 'AQAEAL-first==';
    lifetime = '21600';
  });

  test('reports an interruption once, with the time that it is announced for', async () => {
    await serve('aws', handler);
    await askedAgain(ACTION);
    expect(notices).toEqual([]);
    answers.set(ACTION, '{"action": "terminate", "time": "2026-11-22T05:02:00Z"}');
    await waitFor('the notice', () => notices.length > 0);
    await askedAgain(ACTION);
    expect(notices).toEqual([
      {
        kind: 'interruption',
        at: now,
        deadline: Date.parse('2026-11-22T05:02:00Z'),
        detail: 'spot interruption: terminate at 2026-11-22T05:02:00Z',
      },
    ]);
    expect(log.lines).toEqual([]);
  });

  test('reports a rebalance recommendation, which has no deadline', async () => {
    await serve('aws', handler);
    answers.set(REBALANCE, '{"noticeTime":"2026-11-22T05:03:58Z"}');
    await waitFor('the notice', () => notices.length > 0);
    await askedAgain(REBALANCE);
    expect(notices).toMatchObject([{ kind: 'rebalance', deadline: null }]);
  });

  test('does not report a recommendation from before the process began', async () => {
    answers.set(REBALANCE, '{"noticeTime":"2026-11-22T04:59:58Z"}');
    await serve('aws', handler);
    await askedAgain(REBALANCE);
    expect(notices).toEqual([]);
    answers.set(REBALANCE, '{"noticeTime":"2026-11-22T05:20:00Z"}');
    await waitFor('the notice of a new one', () => notices.length > 0);
  });

  test('asks for one token, and for another one before it ends or when it is refused', async () => {
    const { requests } = await serve('aws', handler);
    const tokens = (): number => requests.filter((line) => line === `PUT ${TOKEN}`).length;
    await askedAgain(ACTION);
    expect(tokens()).toBe(1);
    now += 21_600_000 - 60_000;
    await waitFor('another token before the end', () => tokens() === 2);
    validToken = 'AQAEAL-second==';
    await waitFor('another token after a refusal', () => tokens() === 3);
    answers.set(ACTION, '{"action":"stop","time":"2026-11-22T11:02:00Z"}');
    await waitFor('the notice', () => notices.length > 0);
    expect(log.lines).toEqual([]);
  });

  test.each(['<html>sign in</html>', '"terminate"', '[]', '{}'])(
    'does not take %s for a notice, and says so once',
    async (answer) => {
      await serve('aws', handler);
      answers.set(ACTION, answer);
      await askedAgain(ACTION);
      expect(notices).toEqual([]);
      expect(log.lines).toEqual(['warn the metadata service does not answer']);
    },
  );
});

describe('Compute Engine', () => {
  const PREEMPTED = '/computeMetadata/v1/instance/preempted';
  const MAINTENANCE = '/computeMetadata/v1/instance/maintenance-event';
  let waiting: (() => void)[];
  let broken: boolean;

  beforeEach(() => {
    waiting = [];
    broken = false;
    answers.set(PREEMPTED, 'FALSE');
    answers.set(MAINTENANCE, 'NONE');
  });

  const handler: Handler = (request, response, path) => {
    if (request.headers['metadata-flavor'] !== 'Google') {
      return void response.writeHead(403).end();
    }
    if (broken) return void response.writeHead(503).end();
    const url = new URL(path, 'http://metadata');
    const reply = (): void => {
      const text = answers.get(url.pathname) ?? '';
      const headers = { 'Metadata-Flavor': 'Google', ETag: `tag-${text}` };
      response.writeHead(200, headers).end(text);
    };
    const known = url.searchParams.get('last_etag');
    const waits = url.searchParams.get('wait_for_change') === 'true';
    if (waits && known === `tag-${answers.get(url.pathname)}`) waiting.push(reply);
    else reply();
    return undefined;
  };
  const change = (path: string, text: string): void => {
    answers.set(path, text);
    for (const reply of waiting.splice(0)) reply();
  };

  test('waits for a preemption and reports it, with its 30 seconds', async () => {
    const { requests } = await serve('gcp', handler);
    await waitFor('both questions that wait', () => waiting.length === 2);
    expect(requests).toHaveLength(4);
    expect(notices).toEqual([]);
    change(PREEMPTED, 'TRUE');
    await waitFor('the notice', () => notices.length > 0);
    await waitFor('questions that wait again', () => waiting.length === 2);
    expect(notices).toEqual([
      {
        kind: 'interruption',
        at: now,
        deadline: now + 30_000,
        detail: 'the machine is preempted',
      },
    ]);
  });

  test('reports at once a preemption from before it began to ask, and not maintenance', async () => {
    answers.set(PREEMPTED, 'TRUE');
    answers.set(MAINTENANCE, 'TERMINATE_ON_HOST_MAINTENANCE');
    await serve('gcp', handler);
    await waitFor('both questions that wait', () => waiting.length === 2);
    expect(notices).toMatchObject([{ kind: 'interruption' }]);
  });

  test('reports maintenance that stops the machine, and not a migration', async () => {
    await serve('gcp', handler);
    await waitFor('both questions that wait', () => waiting.length === 2);
    change(MAINTENANCE, 'MIGRATE_ON_HOST_MAINTENANCE');
    await waitFor('questions that wait again', () => waiting.length === 2);
    expect(notices).toEqual([]);
    change(MAINTENANCE, 'TERMINATE_ON_HOST_MAINTENANCE');
    await waitFor('the notice', () => notices.length > 0);
    expect(notices).toMatchObject([{ kind: 'maintenance', deadline: null }]);
  });

  test('goes on after the service was out of order', async () => {
    broken = true;
    await serve('gcp', handler);
    await askedAgain(PREEMPTED);
    broken = false;
    answers.set(PREEMPTED, 'TRUE');
    await waitFor('the notice', () => notices.length > 0);
    expect(log.lines.filter((line) => line.startsWith('warn'))).toHaveLength(2);
  });
});

describe('Azure', () => {
  const EVENTS = '/metadata/scheduledevents?api-version=2020-07-01';
  const event = {
    EventId: 'A123BC45-1234-5678-AB90-ABCDEF123456',
    EventStatus: 'Scheduled',
    EventType: 'Preempt',
    ResourceType: 'VirtualMachine',
    Resources: ['scorers_2', 'Scorers_7'],
    NotBefore: 'Sun, 22 Nov 2026 05:00:30 GMT',
    Description: '',
    EventSource: 'Platform',
    DurationInSeconds: -1,
  };
  let events: object[];

  beforeEach(() => {
    events = [];
  });

  const handler: Handler = (request, response, path) => {
    if (request.headers['metadata'] !== 'true') return void response.writeHead(400).end();
    if (path.startsWith('/metadata/instance/compute/name?')) {
      return void response.writeHead(200).end('scorers_7');
    }
    if (path !== EVENTS) return void response.writeHead(404).end();
    return void response
      .writeHead(200)
      .end(JSON.stringify({ DocumentIncarnation: 2, Events: events }));
  };

  test('reports an eviction once, with the time before which it does not happen', async () => {
    await serve('azure', handler);
    await askedAgain(EVENTS);
    expect(notices).toEqual([]);
    events = [event];
    await waitFor('the notice', () => notices.length > 0);
    await askedAgain(EVENTS);
    events = [{ ...event, EventStatus: 'Started', NotBefore: '' }];
    await askedAgain(EVENTS);
    expect(notices).toEqual([
      {
        kind: 'interruption',
        at: now,
        deadline: Date.parse('2026-11-22T05:00:30Z'),
        detail: 'Preempt, Scheduled, Sun, 22 Nov 2026 05:00:30 GMT',
      },
    ]);
  });

  test.each([
    ['an event of another machine', { ...event, Resources: ['scorers_2', 'scorers_71'] }],
    ['a freeze', { ...event, EventType: 'Freeze', DurationInSeconds: 5 }],
  ])('does not report %s', async (_what, other) => {
    events = [other];
    await serve('azure', handler);
    await askedAgain(EVENTS);
    expect(notices).toEqual([]);
  });

  test('reports a move that is days ahead only when it is near', async () => {
    events = [{ ...event, EventType: 'Redeploy', NotBefore: 'Sun, 29 Nov 2026 05:00:00 GMT' }];
    await serve('azure', handler);
    await askedAgain(EVENTS);
    expect(notices).toEqual([]);
    now = Date.parse('2026-11-29T04:56:00Z');
    await waitFor('the notice', () => notices.length > 0);
    expect(notices).toMatchObject([{ kind: 'maintenance' }]);
  });

  test('reports a restart that has begun already', async () => {
    events = [{ ...event, EventType: 'Reboot', EventStatus: 'Started', NotBefore: '' }];
    await serve('azure', handler);
    await waitFor('the notice', () => notices.length > 0);
    expect(notices).toMatchObject([{ kind: 'maintenance', deadline: null }]);
  });
});

describe.each(['aws', 'gcp', 'azure'] as const)('%s', (name) => {
  test('goes on where no service answers, and logs that once', async () => {
    await serve(name, (request) => request.socket.destroy());
    await askedAgain('/', 6);
    expect(new Set(log.lines)).toEqual(new Set(['warn the metadata service does not answer']));
    // Google has one question for each key.
    expect(log.lines.length).toBe(name === 'gcp' ? 2 : 1);
    expect(notices).toEqual([]);
  });
});
