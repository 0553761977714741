import { requireAllowed, ShardmillError, Stores, toShardmillError } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { describeInput } from '../inspect/describe-input.js';
import { bindJob } from '../bind/bind-job.js';
import { defaultCacheFolder } from '../stage/cache-folder.js';
import { ModelFinder } from '../model/find-model.js';
import { requirePlannedModule } from '../scan/allowed-module.js';
import { databaseOptions, Scorer } from '../part/scorer.js';
import { checkScoring } from '../sql/check-scoring.js';
import { chooseWriter } from '../part/choose-writer.js';
import { SinglePass } from '../part/single-pass/single-pass.js';
import { makeSubstitute } from '../substitute/model-substitute.js';
import { CallWatch } from '../text/call-watch.js';
import { TextTokenizer } from '../text/text-tokenizer.js';
import { readPlannedTokenizer } from '../text/tokenizer-file.js';
import { FooterStager } from '../stage/footer-stager.js';
import type { EngineOptions } from './engine-options.js';
import { opensLate } from './model-host.js';
import { ModelHosts } from './model-hosts.js';
import type { ParentMessages } from './parent-messages.js';
import type { Question, QuestionTools } from './questions.js';
import type {
  EngineMessage,
  EngineMethod,
  EngineMethods,
  EngineRequest,
  LaneSettings,
  OpenedRun,
} from './protocol.js';
import type { RunSettings } from '../part/run-settings.js';

/** Answers the requests of the process that started the engine, until it ends this one. */
export function serveRequests({ options, onRequest }: ParentMessages): void {
  const engine = new Engine(options);
  onRequest((request) => {
    void engine.answer(request);
  });
}

class Engine {
  readonly #options: EngineOptions;
  readonly #tools: QuestionTools;
  readonly #hosts: ModelHosts;
  #scorer: Scorer | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const stores = new Stores(options.storage);
    stores.onWaiting = (message) => send({ kind: 'waiting', message });
    const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
    const finder = new ModelFinder(cacheFolder, stores);
    this.#hosts = new ModelHosts(finder, cacheFolder);
    const footers = new FooterStager(cacheFolder, stores);
    this.#tools = { stores, finder, footers, models: this.#hosts.of() };
  }

  async answer<M extends EngineMethod>(request: EngineRequest<M>): Promise<void> {
    try {
      const result = await this.#methods[request.method](request.argument);
      send({ kind: 'answer', id: request.id, answer: result });
    } catch (error) {
      send({ kind: 'error', id: request.id, error: engineError(error).toRecord() });
    }
  }

  readonly #methods: {
    [M in EngineMethod]: (
      argument: EngineMethods[M]['argument'],
    ) => Promise<EngineMethods[M]['answer']>;
  } = {
    describeInput: ({ file }) =>
      this.#tools.footers.lend([file], ({ paths: [path = ''] }) => describeInput(file, path)),
    bindJob: (request) =>
      bindJob(
        request,
        this.#tools.finder,
        (model, challenger) => this.#hosts.of(challenger).load(model),
        (model, [feeds, outputs], challenger) =>
          this.#hosts.of(challenger).probe(model, feeds, outputs),
        this.#tools.stores,
        this.#options.allow,
      ),
    openRun: (settings) => this.#openRun(settings),
    scoreShard: (shard) => {
      if (this.#scorer === undefined) throw new ShardmillError('INTERNAL', 'no run is open');
      return this.#scorer.scoreShard(shard);
    },
    cancelShard: async ({ shard }) => {
      this.#scorer?.cancelShard(shard);
      return null;
    },
    finishParts: async () => {
      this.#scorer?.finishParts();
      return null;
    },
    describeScorer: (request) => this.#ask('describeScorer', request),
    inspectModel: (request) => this.#ask('inspectModel', request),
    inspectParquet: (request) => this.#ask('inspectParquet', request),
    inspectProviders: (request) => this.#ask('inspectProviders', request),
    sampleRejected: (request) => this.#ask('sampleRejected', request),
    compareScores: (request) => this.#ask('compareScores', request),
    evaluateScores: (request) => this.#ask('evaluateScores', request),
    readCheckpoint: (request) => this.#ask('readCheckpoint', request),
    writeCheckpoint: (request) => this.#ask('writeCheckpoint', request),
    queryProfile: (request) => this.#ask('queryProfile', request),
    profileDataset: (request) => this.#ask('profileDataset', request),
    writeProfileParquet: (request) => this.#ask('writeProfileParquet', request),
  };

  /** Whatever is neither planning nor scoring: a run need not load the code for it. */
  async #ask<M extends Question>(
    question: M,
    argument: EngineMethods[M]['argument'],
  ): Promise<EngineMethods[M]['answer']> {
    const { QUESTIONS } = await import('./questions.js');
    return QUESTIONS[question](argument, this.#tools);
  }

  async #openRun(settings: RunSettings & LaneSettings): Promise<OpenedRun> {
    const { transform } = settings.scoring;
    const checked = checkScoring(settings.scoring);
    checked.catch(() => {});
    if (transform !== null) {
      await requireAllowed(this.#options.allow, 'transforms', transform.module, settings.jobName);
      await requirePlannedModule(transform);
    }
    const tokenizer = await this.#openTokenizer(settings);
    const { path, opened, pool, fill } = await this.#tools.models.open(settings);
    pool.calls.onRows = (rows) => send({ kind: 'calls', rows });
    await checked;
    const { lanes } = opened;
    const onCpu = opened.providers[0] === 'cpu';
    const challengers = await this.#hosts.openChallengers(settings, (text) =>
      send({ kind: 'notice', text }),
    );
    const own = { provider: opened.providers[0], safeRows: pool.calls.safeRows };
    const writer = chooseWriter(settings, [own, ...challengers.map(({ found }) => found)]);
    const wherePossible = writer === 'single-pass-where-possible';
    const singlePass =
      writer === 'two-pass'
        ? undefined
        : new SinglePass(settings.scoring, wherePossible, { pool, lanes, fill });
    if (singlePass !== undefined && settings.parts > 1 && lanes > pool.size) {
      await this.#hosts.giveChallengersLanes();
    }
    const { scoring } = settings;
    const mayHaveSubstitute = onCpu && settings.treeKernel === 'auto';
    // Lanes load their modules and the model while its substitute is made; with that of a large model they may
    // do without it. A part that needs one that cannot be started finds out.
    const waits = mayHaveSubstitute && opensLate(scoring.model);
    const filling = !waits && (singlePass === undefined || settings.parts > 1) ? fill() : undefined;
    filling?.catch(() => {});
    const made = mayHaveSubstitute ? await makeSubstitute(path, scoring) : undefined;
    const substitute = made !== undefined && 'kernel' in made ? made : undefined;
    pool.useSubstitute(substitute, scoring.features);
    pool.onNotice = (text) => send({ kind: 'notice', text });
    if (made !== undefined && 'why' in made && made.unexpected) {
      pool.onNotice(`the model is scored by ONNX Runtime alone: ${made.why}`);
    }
    if (singlePass === undefined) {
      await (filling ?? fill());
      for (const { lanes: all } of challengers) await all();
    } else
      pool.prepareParts({
        scoring: settings.scoring,
        modelPath: path,
        threads: settings.threadsPerLane,
        substitute,
        challengers: challengers.map(({ setup }) => setup),
        atAnyCost: wherePossible,
        database: { ...databaseOptions(settings, lanes), threads: 1 },
      });
    this.#scorer?.close();
    const inference = { lanes: fill, singlePass, tokenizer, challengers };
    this.#scorer = await Scorer.open(settings, inference, this.#tools.stores, (progress) =>
      send({ kind: 'progress', progress }),
    );
    return opened;
  }

  /** The planned tokenizer, where a feature is made of tokens. @throws LOCATION_FORBIDDEN, TOKENIZER_… */
  async #openTokenizer({
    scoring: { text },
    jobName,
  }: RunSettings): Promise<TextTokenizer | undefined> {
    if (text === undefined) return undefined;
    await requireAllowed(this.#options.allow, 'models', text.tokenizer.uri, jobName);
    const watch = new CallWatch((slow) => send({ kind: 'slowTokenizer', slow }));
    return TextTokenizer.open(
      await readPlannedTokenizer(text.tokenizer, this.#tools.stores),
      text,
      watch,
    );
  }
}

function send(message: EngineMessage): void {
  process.send?.(message);
}

/** What DuckDB has no memory for is no bug, wherever it happens. */
function engineError(thrown: unknown): ShardmillError {
  const isMemory =
    !(thrown instanceof ShardmillError) && duckdbFault(duckdbMessage(thrown)) === 'memory';
  return toShardmillError(thrown, isMemory ? 'ENGINE_OUT_OF_MEMORY' : 'INTERNAL');
}
