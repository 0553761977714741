import { describe, expect, it } from 'vitest';
import { lateHappening } from './happenings.js';
import { bodyOf, type Happening, notificationOf } from './notification.js';

const happening: Happening = {
  key: 'r1.4',
  event: 'failed',
  at: '2026-11-22T05:10:00.000Z',
  job: 'churn',
  run: 'r1',
  schedule: null,
  tick: null,
  deadline: null,
  params: { ds: '2026-11-22' },
  output: 's3://lake/out',
  rows: null,
  error: { code: 'SHARDS_FAILED', message: '1 of 10 shards failed', remedy: 'Mend it.' },
};
const textOf = (change: Partial<Happening>): string =>
  notificationOf({ ...happening, ...change }, 'id').text;

describe('a notification', () => {
  it('is a document of its own format, with all that is known', () => {
    const body: unknown = JSON.parse(bodyOf(notificationOf(happening, 'r1.4.x'), 'json'));
    const { key: _, ...facts } = happening;
    expect(body).toEqual({
      format: 'shardmill-notification/1',
      id: 'r1.4.x',
      ...facts,
      text: 'churn failed: SHARDS_FAILED 1 of 10 shards failed, run r1',
    });
  });

  it('has one line for people', () => {
    const rows = { read: 7055, scored: 7043, rejected: 12, filtered: 0 };
    expect(textOf({ event: 'finished', rows, error: null })).toBe(
      'churn finished: 7,043 rows scored, 12 rejected, run r1, s3://lake/out',
    );
    expect(textOf({ event: 'cancelled', error: null })).toBe('churn was cancelled, run r1');
    expect(textOf({ event: 'skipped' })).toMatch(/^churn was skipped: SHARDS_FAILED/);
  });

  it('of a late tick says of which, and when it should have finished', () => {
    const late = lateHappening({
      schedule: 'churn',
      id: '20261122T050000Z',
      tick: '2026-11-22T05:00:00.000Z',
      deadline: '2026-11-22T07:00:00.000Z',
      job: 'churn',
      run: null,
      params: {},
      output: null,
    });
    expect(late).toMatchObject({ key: 'churn.20261122T050000Z.late', event: 'late', run: null });
    // The same for all who notice it.
    expect(late.at).toBe(late.deadline);
    expect(notificationOf(late, 'id').text).toBe(
      'churn (tick 2026-11-22T05:00:00.000Z) is late: it should have finished by 2026-11-22T07:00:00.000Z',
    );
  });

  it('for Slack is its text, in which nothing is a mention or a link', () => {
    const error = { code: 'X', message: '<!channel> & <http://evil|here>', remedy: 'r' };
    const body = bodyOf(notificationOf({ ...happening, error }, 'i'), 'slack');
    expect(JSON.parse(body)).toEqual({
      text: 'churn failed: X &lt;!channel&gt; &amp; &lt;http://evil|here&gt;, run r1',
    });
  });
});
