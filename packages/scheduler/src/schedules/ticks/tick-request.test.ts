import { describe, expect, it } from 'vitest';
import { scheduledWork } from '../../testing/schedule.js';
import { tickId } from '../store/schedule-layout.js';
import { requestOfTick } from './tick-request.js';

const TICK = Date.parse('2026-11-22T01:00:00Z');
const started = { run: 'r1', at: '2026-11-22T01:00:01.000Z', by: 'scheduler-1' };

describe('the run of a tick', () => {
  it('has the day of the tick in the zone of the schedule, and absolute locations', () => {
    // 23:30 UTC is 03:30 of the next day.
    const work = scheduledWork({ cron: '30 3 * * *' });
    const tick = Date.parse('2026-11-21T23:30:00Z');
    const request = requestOfTick({ name: 'nightly', work, triggers: [] }, tickId(tick), started);
    expect(request).toMatchObject({
      run: 'r1',
      key: null,
      submittedAt: started.at,
      submittedBy: 'schedule nightly',
      job: {
        input: { uri: '/jobs/test/data/ds=2026-11-22' },
        output: { uri: '/jobs/test/out/ds=2026-11-22' },
      },
      tick: { schedule: 'nightly', id: '20261121T233000Z', at: '2026-11-21T23:30:00.000Z' },
    });
  });

  it('is about the time since the tick before it', () => {
    const uri = '{{ interval_start | yyyy-MM-dd }}_{{ interval_end | yyyy-MM-dd }}';
    const work = scheduledWork({ cron: '0 5 * * MON' }, { output: { uri, columns: { a: 'a' } } });
    const monday = Date.parse('2026-11-23T01:00:00Z');
    const request = requestOfTick({ name: 'weekly', work, triggers: [] }, tickId(monday), started);
    expect(request.job.output.uri).toBe('/jobs/test/2026-11-16_2026-11-23');
  });

  it('is the same for one decision, whichever scheduler makes it', () => {
    const schedule = { name: 'nightly', work: scheduledWork(), triggers: [] };
    const make = () => JSON.stringify(requestOfTick(schedule, tickId(TICK), started));
    expect(make()).toBe(make());
  });

  it('writes as its trigger asks for', () => {
    const trigger = {
      number: 7,
      at: started.at,
      by: 'ann@laptop',
      tick: new Date(TICK).toISOString(),
      mode: 'overwrite',
    } as const;
    const schedule = { name: 'nightly', work: scheduledWork(), triggers: [trigger] };
    expect(requestOfTick(schedule, tickId(TICK, 7), started)).toMatchObject({
      submittedBy: 'ann@laptop',
      job: { output: { mode: 'overwrite' } },
    });
    expect(requestOfTick(schedule, tickId(TICK), started).job.output.mode).toBe('create');
  });
});
