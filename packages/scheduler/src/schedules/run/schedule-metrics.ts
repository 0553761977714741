import { nextTick } from '@shardmill/core/schedules';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { openTicks } from '../decide/decide-due.js';
import { jitterMs } from '../decide/jitter.js';
import type { ScheduleFollower, WrittenEvent } from './schedule-follower.js';
import { parseTickId } from '../store/schedule-layout.js';

type Followed = Pick<ScheduleFollower, 'head' | 'history'>;

const START_SECONDS = [0.1, 0.5, 1, 2, 5, 15, 60, 300, 3600];

/** What Prometheus sees of schedules. Gauges are worked out when they are asked for. */
export class ScheduleMetrics {
  readonly #ticks: Counter<'schedule' | 'outcome'>;
  readonly #starts: Histogram;

  /** @param schedules all that are followed, when asked. @param now milliseconds since 1970 */
  constructor(registry: Registry, schedules: () => Iterable<Followed>, now: () => number) {
    const registers = [registry];
    const labelNames = ['schedule'] as const;
    void new Gauge({
      name: 'shardmill_schedule_last_success_timestamp_seconds',
      help: 'When the last tick of a schedule finished, in seconds since 1970.',
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const { head, history } of schedules()) {
          const endedAt = history.lastSuccess?.endedAt ?? undefined;
          if (head.removed || endedAt === undefined) continue;
          this.set({ schedule: head.name }, Date.parse(endedAt) / 1000);
        }
      },
    });
    void new Gauge({
      name: 'shardmill_schedule_lateness_seconds',
      help: 'Time since the oldest tick was due that has neither ended nor been skipped; 0 for none.',
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const followed of schedules()) {
          if (followed.head.removed) continue;
          this.set({ schedule: followed.head.name }, latenessMs(followed, now()) / 1000);
        }
      },
    });
    this.#ticks = new Counter({
      name: 'shardmill_schedule_ticks_total',
      help: 'What became of ticks, as this scheduler was the first to write it down.',
      labelNames: ['schedule', 'outcome'],
      registers,
    });
    this.#starts = new Histogram({
      name: 'shardmill_schedule_start_delay_seconds',
      help: 'Time from when a tick was due to the decision to run it.',
      buckets: START_SECONDS,
      registers,
    });
  }

  written({ head, tick, event }: WrittenEvent): void {
    const { name: schedule } = head;
    switch (event.kind) {
      case 'started': {
        const { tick: due = 0, trigger } = parseTickId(tick.id) ?? {};
        if (event.attempt > 1 || trigger !== undefined) break;
        const delayMs = Date.parse(event.at) - due - jitterMs(schedule, head.schedule);
        this.#starts.observe(Math.max(0, delayMs) / 1000);
        break;
      }
      case 'skipped':
        this.#ticks.inc({ schedule, outcome: 'skipped' }, event.ticks ?? 1);
        break;
      case 'overdue':
        this.#ticks.inc({ schedule, outcome: 'overdue' });
        break;
      case 'attempt-failed':
        this.#ticks.inc({ schedule, outcome: 'retried' });
        break;
      case 'ended':
        this.#ticks.inc({ schedule, outcome: event.outcome });
        break;
      case 'queued':
        break;
      default: {
        const unknown: never = event;
        return unknown;
      }
    }
  }
}

function latenessMs({ head, history }: Followed, now: number): number {
  const { schedule, name, since, paused } = head;
  const [oldest] = openTicks(history);
  const from = Math.max(Date.parse(since), history.cursor ?? 0);
  const undecided = paused || !schedule.enabled ? undefined : nextTick(schedule, from);
  const due = oldest === undefined ? undecided : parseTickId(oldest.id)?.tick;
  return due === undefined ? 0 : Math.max(0, now - due - jitterMs(name, schedule));
}
