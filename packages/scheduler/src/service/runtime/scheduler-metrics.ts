import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RunEnd } from '../../state/fold-run.js';
import type { QualityOutcome } from '@shardmill/core';
import type { QueueCounts, RunState } from '@shardmill/queue';

/** Plans and finalizings take from tenths of a second to an hour. */
const LONG_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

/** The metrics that a scheduler exports to Prometheus. */
export class SchedulerMetrics {
  readonly #runs: Gauge<'state'>;
  readonly #backlog: Gauge<'pool'>;
  readonly #queued: Gauge<'pool' | 'state'>;
  readonly #planning: Histogram;
  readonly #finalizing: Histogram;
  readonly #retries: Counter<'code'>;
  readonly #failures: Counter;
  readonly #ended: Counter<'end'>;
  readonly #outcomes: Counter<'kind' | 'outcome'>;
  readonly #refused: Counter;
  readonly #notifications: Counter<'outcome'>;
  readonly #pending: Gauge;
  readonly #lineage: Counter<'outcome'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#runs = new Gauge({
      name: 'shardmill_runs',
      help: 'Runs that have not ended, by state.',
      labelNames: ['state'],
      registers,
    });
    this.#backlog = new Gauge({
      name: 'shardmill_backlog_shards',
      help: 'Shards that are planned and neither done nor failed: what an autoscaler needs.',
      labelNames: ['pool'],
      registers,
    });
    this.#queued = new Gauge({
      name: 'shardmill_queue_shards',
      help: 'Shards in the queue, by state.',
      labelNames: ['pool', 'state'],
      registers,
    });
    this.#planning = new Histogram({
      name: 'shardmill_planning_seconds',
      help: 'Time that it took to plan a run.',
      buckets: LONG_SECONDS,
      registers,
    });
    this.#finalizing = new Histogram({
      name: 'shardmill_finalizing_seconds',
      help: 'Time that it took to check and finish a run of which all shards were done.',
      buckets: LONG_SECONDS,
      registers,
    });
    this.#retries = new Counter({
      name: 'shardmill_shard_retries_total',
      help: 'Attempts at shards that failed and are to be repeated, by error code.',
      labelNames: ['code'],
      registers,
    });
    this.#failures = new Counter({
      name: 'shardmill_shard_failures_total',
      help: 'Shards that failed for good.',
      registers,
    });
    this.#ended = new Counter({
      name: 'shardmill_runs_ended_total',
      help: 'Runs that this scheduler brought to their end.',
      labelNames: ['end'],
      registers,
    });
    this.#outcomes = new Counter({
      name: 'shardmill_quality_outcomes_total',
      help: 'Checks of runs, and comparisons with a baseline, that this scheduler was the first to evaluate.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    this.#notifications = new Counter({
      name: 'shardmill_notifications_total',
      help: 'Attempts of this scheduler to deliver notifications, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    // From the beginning on, so that the first failure is an increase.
    for (const outcome of ['delivered', 'failed', 'retried'])
      this.#notifications.inc({ outcome }, 0);
    this.#pending = new Gauge({
      name: 'shardmill_notifications_pending',
      help: 'Notifications in the outbox that are neither delivered nor given up.',
      registers,
    });
    this.#lineage = new Counter({
      name: 'shardmill_lineage_events_total',
      help: 'Attempts of this scheduler to send events of lineage, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['delivered', 'failed', 'retried', 'dropped'])
      this.#lineage.inc({ outcome }, 0);
    this.#refused = new Counter({
      name: 'shardmill_locations_refused_total',
      help: 'Runs that were refused since the allow settings do not name what they use.',
      registers,
    });
  }

  runs(states: Iterable<RunState>): void {
    this.#runs.reset();
    for (const state of states) this.#runs.inc({ state });
  }

  /** @param open by pool. A pool stays, with none: its absence would look like an outage. */
  backlog(open: ReadonlyMap<string, number>): void {
    for (const [pool, shards] of open) this.#backlog.set({ pool }, shards);
  }

  queued(pool: string, counts: QueueCounts): void {
    this.#queued.set({ pool, state: 'waiting' }, counts.waiting);
    this.#queued.set({ pool, state: 'active' }, counts.active);
    this.#queued.set({ pool, state: 'delayed' }, counts.delayed);
  }

  planned(seconds: number): void {
    this.#planning.observe(seconds);
  }

  finalized(seconds: number): void {
    this.#finalizing.observe(seconds);
  }

  retried(code: string): void {
    this.#retries.inc({ code });
  }

  shardFailed(): void {
    this.#failures.inc();
  }

  locationRefused(): void {
    this.#refused.inc();
  }

  notified(outcome: 'delivered' | 'failed' | 'retried'): void {
    this.#notifications.inc({ outcome });
  }

  notificationsPending(count: number): void {
    this.#pending.set(count);
  }

  lineage(outcome: 'delivered' | 'failed' | 'retried' | 'dropped'): void {
    this.#lineage.inc({ outcome });
  }

  judged(outcomes: readonly QualityOutcome[]): void {
    for (const { kind, passed, severity } of outcomes) {
      const outcome = passed ? 'passed' : severity === 'fail' ? 'failed' : 'warned';
      this.#outcomes.inc({ kind, outcome });
    }
  }

  ended(end: RunEnd): void {
    this.#ended.inc({ end });
  }
}
