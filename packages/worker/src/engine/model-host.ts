import { isDeepStrictEqual } from 'node:util';
import type { LaneOptions } from '../lane/lane-messages.js';
import { LanePool, type LoadedModel } from '../lane/lane-pool.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { ModelFinder } from '../model/find-model.js';
import { type LocalModel, localModel } from '../model/model-content.js';
import type { RowProbe } from '../row-wise/probe-rows.js';
import { chooseLayout } from './choose-layout.js';
import type { LaneSettings, OpenedRun } from './protocol.js';
import { MAX_SINGLE_PASS_BYTES } from '../part/choose-writer.js';
import type { RunSettings } from '../part/run-settings.js';
import { modelBytes } from '../model/model-bytes.js';
import { noticesOf } from '../onnx/provider-notices.js';
import { sizeCalls } from './size-calls.js';
import { tryOneLane } from './try-one-lane.js';

/** The lane that inspects a model: the planner needs no device. */
const INSPECTION_LANE: LaneOptions = { threads: 1, providers: ['cpu'] };

/** A model that takes longer for a few rows is planned without: a run has its own limit of time. */
const MAX_PROBE_MS = 5000;

/** A model that is ready for a run. */
interface OpenedModel {
  readonly path: string;
  readonly opened: OpenedRun;
  /** It has at least the first lane of the run. */
  readonly pool: LanePool;
  /**
   * Adds the other lanes, when it is first called. If there is a substitute of a large model by then, they
   * open the model only when they need it.
   * @returns the pool with all of them.
   * @throws ENGINE_OUT_OF_MEMORY, DEVICE_OUT_OF_MEMORY
   */
  readonly fill: () => Promise<LanePool>;
}

/**
 * The model of this process: inspected once for the plan, then used for scoring by the same
 * session where its options allow, so that a large model is not loaded twice.
 */
export class ModelHost {
  /** What the lanes of the pool have loaded. */
  #loaded: { readonly model: LocalModel; readonly options: LaneOptions } | undefined;
  #pool = new LanePool();
  #first: Promise<LoadedModel> | undefined;

  /** @param cacheFolder where it is remembered how many rows a device has room for. */
  constructor(
    readonly finder: Pick<ModelFinder, 'locate'>,
    readonly cacheFolder: string,
  ) {}

  /** What a model says of itself. @throws MODEL_…, ENGINE_OUT_OF_MEMORY */
  load(model: LocalModel): Promise<LoadedModel> {
    if (this.#first !== undefined && isDeepStrictEqual(this.#loaded?.model, model)) {
      return this.#first;
    }
    return this.#replace(model, INSPECTION_LANE);
  }

  /** Has a model score a few rows in several ways. @throws as `load`, ENGINE_CRASHED */
  async probe(
    model: LocalModel,
    feeds: readonly BatchTensor[],
    outputs: readonly string[],
  ): Promise<RowProbe> {
    for (;;) {
      const loading = this.load(model);
      const pool = this.#pool;
      await loading;
      // Another model may have taken its place meanwhile.
      if (!pool.closed) return inTime(pool.probeRows(feeds, outputs));
    }
  }

  /** The planned model, and nothing else, in a first lane. @throws MODEL_CHANGED, PROVIDER_MISSING */
  async open(requested: RunSettings & LaneSettings): Promise<OpenedModel> {
    const { settings, remember } = await chooseLayout(requested, this.cacheFolder);
    const { model } = settings.scoring;
    const path = await this.finder.locate(model);
    const local = localModel(path, model);
    const { threadsPerLane: threads, executionProviders } = settings;
    const options = {
      threads,
      providers: executionProviders[0] === 'cpu' ? INSPECTION_LANE.providers : executionProviders,
    };
    const fits = isDeepStrictEqual(this.#loaded, { model: local, options });
    const first = await (fits && this.#first !== undefined
      ? this.#first
      : this.#replace(local, options));
    const { providers } = first.report;
    const pool = this.#pool;
    const wanted = providers[0] === 'cpu' ? settings.lanes : settings.deviceLanes;
    // A pool that was filled for an earlier run may have more.
    const lanes = Math.max(wanted, pool.size);
    await sizeCalls(pool, settings, { lanes, providers }, this.cacheFolder);
    if (remember !== undefined && !pool.hasSpareLane) {
      tryOneLane(pool, {
        modelPath: path,
        lanes,
        onFound: (oneLane) => {
          void remember(oneLane);
          if (!oneLane) return;
          this.#loaded = { model: local, options: { ...options, threads: lanes } };
          // More threads want more rows in a call than one of them does.
          const alone = { ...settings, lanes: 1, threadsPerLane: lanes };
          void sizeCalls(pool, alone, { lanes: 1, providers }, this.cacheFolder);
        },
      });
    }
    let filling: Promise<unknown> | undefined;
    return {
      path,
      opened: { providers, lanes, notices: noticesOf(first.report) },
      pool,
      fill: async () => {
        // One of them has to check the substitute.
        const known = pool.size > 0 && pool.hasSubstitute && opensLate(model) ? first : undefined;
        filling ??= allOf(
          Array.from({ length: Math.max(0, lanes - pool.size) }, () =>
            pool.addLane(path, { threads, providers }, { known }),
          ),
        );
        try {
          await filling;
        } catch (error) {
          // The next part that asks may find more room.
          filling = undefined;
          throw error;
        }
        return pool;
      },
    };
  }

  /**
   * Gives the threads of its lanes, which must be idle, to lanes of other models; those of the run are added anew when they
   * are needed.
   */
  async giveLanes(): Promise<void> {
    this.#first = undefined;
    this.#loaded = undefined;
    await this.#pool.giveLanes();
  }

  /** Ends its lanes, which must be idle. */
  async close(): Promise<void> {
    const earlier = this.#first;
    this.#first = undefined;
    this.#loaded = undefined;
    await earlier?.catch(() => {});
    await this.#pool.close();
  }

  /** One lane with this model, in place of those that there are: they would keep theirs in memory. */
  #replace(model: LocalModel, options: LaneOptions): Promise<LoadedModel> {
    const [earlier, loading] = [this.#pool, this.#first];
    const pool = new LanePool();
    this.#loaded = { model, options };
    this.#pool = pool;
    const first = Promise.resolve(loading)
      .catch(() => {})
      .then(() => earlier.close())
      .then(() => pool.addLane(model.path, options));
    this.#first = first;
    first.catch(() => {
      // A failure is not kept: the cause may be gone at the next call.
      if (this.#first === first) this.#first = undefined;
    });
    return first;
  }
}

/** Whether a model is so large that lanes with a substitute do without it: single passes need it. */
export function opensLate(model: Parameters<typeof modelBytes>[0]): boolean {
  return modelBytes(model) > MAX_SINGLE_PASS_BYTES;
}

async function inTime(probing: Promise<RowProbe>): Promise<RowProbe> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<RowProbe>((resolve) => {
    timer = setTimeout(() => resolve({ calls: [] }), MAX_PROBE_MS);
  });
  return Promise.race([probing, late]).finally(() => clearTimeout(timer));
}

/** Waits for all, so that none goes on behind a failure. @throws what the first of them failed of */
async function allOf(lanes: readonly Promise<unknown>[]): Promise<void> {
  for (const lane of await Promise.allSettled(lanes)) {
    if (lane.status === 'rejected') throw lane.reason;
  }
}
