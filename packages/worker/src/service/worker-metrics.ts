import { Counter, Gauge, type Registry } from 'prom-client';
import type { PartProgress } from '../part/part-progress.js';
import type { ShardEnd } from '../shard/shard-worker-context.js';

/** What a worker counts, as Prometheus reads it. */
export class WorkerMetrics {
  readonly #rows: Counter<'outcome'>;
  readonly #parts: Counter<'how'>;
  readonly #seconds: Counter<'step'>;
  readonly #bytesRead: Counter;
  readonly #shards: Counter<'end'>;
  readonly #retries: Counter<'code'>;
  readonly #failures: Counter<'code'>;
  readonly #forbidden: Counter;
  readonly #engineDeaths: Counter<'code'>;
  readonly #drains: Counter<'reason'>;
  readonly #notices: Counter<'source' | 'kind'>;
  readonly #inFlight: Gauge;
  readonly #lanes: Gauge;
  readonly #laneUse: Gauge;
  readonly #resident: Gauge<'engine'>;
  readonly #rate: Gauge;
  #inferSeconds = 0;
  #lastUse: { readonly at: number; readonly inferSeconds: number } | undefined;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = <T extends string = string>(
      name: string,
      help: string,
      ...labelNames: T[]
    ): Counter<T> => new Counter({ name: `shardmill_worker_${name}`, help, labelNames, registers });
    const gauge = <T extends string = string>(
      name: string,
      help: string,
      ...labelNames: T[]
    ): Gauge<T> => new Gauge({ name: `shardmill_worker_${name}`, help, labelNames, registers });
    this.#rows = counter('rows_total', 'Rows of parts that were made here.', 'outcome');
    this.#parts = counter('parts_total', 'Parts made here, or found made (resumed).', 'how');
    this.#seconds = counter('part_seconds_total', 'Time of parts by step; parts overlap.', 'step');
    this.#bytesRead = counter('input_bytes_total', 'Bytes of input fetched from object storage.');
    this.#shards = counter('shards_total', 'Shards that were in flight, by how that ended.', 'end');
    this.#retries = counter('retries_total', 'Shards to be tried again, by error.', 'code');
    this.#failures = counter('failures_total', 'Shards failed for good, by error.', 'code');
    this.#forbidden = counter(
      'locations_refused_total',
      'Shards that were refused since the allow settings do not name what they use.',
    );
    this.#engineDeaths = counter(
      'engine_deaths_total',
      'Engines that died of another shard: these shards were tried again at once.',
      'code',
    );
    this.#drains = counter('drains_total', 'Drains of this worker.', 'reason');
    this.#notices = counter('notices_total', 'Notices of the cloud.', 'source', 'kind');
    this.#inFlight = gauge('in_flight_shards', 'In-flight shards now.');
    this.#lanes = gauge('lanes', 'Inference threads with a model loaded.');
    this.#laneUse = gauge(
      'lane_use_ratio',
      'Share of the time of all lanes that went to the model.',
    );
    this.#resident = gauge('engine_resident_bytes', 'Resident memory by engine process.', 'engine');
    this.#rate = gauge('rows_per_second', 'Rows per second over the last ten seconds.');
  }

  /** A part is finished. */
  part({ finished, resumed, seconds = {}, bytesRead = 0 }: PartProgress): void {
    if (finished === null) return;
    this.#parts.inc({ how: resumed ? 'resumed' : 'made' });
    if (resumed) return;
    const { scored, rejected, filtered } = finished.rows;
    this.#rows.inc({ outcome: 'scored' }, scored);
    this.#rows.inc({ outcome: 'rejected' }, rejected);
    this.#rows.inc({ outcome: 'filtered' }, filtered);
    for (const [step, spent] of Object.entries(seconds)) this.#seconds.inc({ step }, spent);
    this.#inferSeconds += seconds['infer'] ?? 0;
    this.#bytesRead.inc(bytesRead);
  }

  ended(end: ShardEnd): void {
    this.#shards.inc({ end: end.kind });
    if (end.kind === 'again') this.#retries.inc({ code: end.error.code });
    if ('error' in end && end.error.code === 'LOCATION_FORBIDDEN') this.#forbidden.inc();
    if (end.kind === 'failed') this.#failures.inc({ code: end.error.code });
  }

  startedOver(code: string): void {
    this.#engineDeaths.inc({ code });
  }

  drain(reason: string): void {
    this.#drains.inc({ reason });
  }

  notice(source: string, kind: string): void {
    this.#notices.inc({ source, kind });
  }

  /** The current state; to be reported every second. */
  now(state: {
    readonly at: number;
    readonly inFlight: number;
    readonly lanes: number;
    readonly rowsPerSecond: number;
    readonly residentBytes: readonly number[];
  }): void {
    this.#inFlight.set(state.inFlight);
    this.#lanes.set(state.lanes);
    this.#rate.set(state.rowsPerSecond);
    for (const [engine, bytes] of state.residentBytes.entries()) {
      this.#resident.set({ engine: String(engine) }, bytes);
    }
    this.#measureUse(state.at, state.lanes);
  }

  /** Inference is reported when a part is finished: over a minute that evens out. */
  #measureUse(at: number, lanes: number): void {
    const last = this.#lastUse;
    if (last === undefined || at - last.at >= 60_000) {
      this.#lastUse = { at, inferSeconds: this.#inferSeconds };
    }
    if (last === undefined || lanes === 0 || at - last.at < 60_000) return;
    const spent = this.#inferSeconds - last.inferSeconds;
    this.#laneUse.set(spent / lanes / ((at - last.at) / 1000));
  }
}
