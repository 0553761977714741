import { expect, it } from 'vitest';
import { PLAIN } from '../testing/samples.js';
import { prettyLogLine } from './pretty-log-line.js';

it('an event is one line for people: time, level, text, and what belongs to it', () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-11-22T05:00:12.345',
    process: 'worker',
    where: 'redis://host:6379',
    error: 'no connection yet',
    shards: [1, 2],
    rows: { read: 7, scored: 6 },
    msg: 'Redis does not answer',
  });
  expect(prettyLogLine(`${line}\n`, ['process'], PLAIN.colors)).toBe(
    '05:00:12 warn  Redis does not answer  where=redis://host:6379 error="no connection yet" shards=[1,2] rows={read:7,scored:6}',
  );
});

it('what is no event stays as it is', () => {
  expect(prettyLogLine('plain text\n', [], PLAIN.colors)).toBe('plain text');
});
