import { requireAllowed, ShardmillError, Stores, toShardmillError } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { bindJob } from '../bind/bind-job.js';
import { defaultCacheFolder } from '../stage/cache-folder.js';
import { compareScores } from '../compare/compare-scores.js';
import { evaluateScores } from '../evaluate/evaluate-scores.js';
import { describeInput } from '../inspect/describe-input.js';
import { describeScorer } from '../inspect/describe-scorer.js';
import { checkFooters } from '../inspect/check-footers.js';
import { inspectModel } from '../inspect/inspect-model.js';
import { readCheckpoint } from '../inspect/read-checkpoint.js';
import { inspectParquet } from '../inspect/inspect-parquet.js';
import { sampleRejected } from '../inspect/sample-rejected.js';
import { askProviders, warmUpLane } from '../lane/lane-thread.js';
import { ModelFinder } from '../model/find-model.js';
import { requirePlannedModule } from '../scan/allowed-module.js';
import { databaseOptions, Scorer } from '../part/scorer.js';
import { endWithParent } from './end-with-parent.js';
import { checkScoring } from '../sql/check-scoring.js';
import { chooseWriter } from '../part/choose-writer.js';
import { writeProfileParquet } from '../profile/write-profile-parquet.js';
import { SinglePass } from '../part/single-pass/single-pass.js';
import { makeSubstitute } from '../substitute/model-substitute.js';
import { CallWatch } from '../text/call-watch.js';
import { TextTokenizer } from '../text/text-tokenizer.js';
import { readPlannedTokenizer } from '../text/tokenizer-file.js';
import { FooterStager } from '../stage/footer-stager.js';
import { ModelHosts } from './model-hosts.js';
import { listenToParent } from './parent-messages.js';
import type {
  EngineMessage,
  EngineMethod,
  EngineMethods,
  EngineRequest,
  LaneSettings,
  OpenedRun,
} from './protocol.js';
import type { RunSettings } from '../part/run-settings.js';

/**
 * The engine process: DuckDB and ONNX Runtime, apart from the process that holds the queue. It is
 * ended with SIGKILL, at any moment and always: `process.exit` with native threads alive aborts.
 */

warmUpLane();
endWithParent();
const { options, onRequest } = await listenToParent();
const stores = new Stores(options.storage);
stores.onWaiting = (message) => send({ kind: 'waiting', message });
const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
const finder = new ModelFinder(cacheFolder, stores);
const footers = new FooterStager(cacheFolder, stores);
const hosts = new ModelHosts(finder, cacheFolder);
const models = hosts.of();
let scorer: Scorer | undefined;

const methods: {
  [M in EngineMethod]: (
    argument: EngineMethods[M]['argument'],
  ) => Promise<EngineMethods[M]['answer']>;
} = {
  describeInput: ({ file }) =>
    footers.lend([file], ({ paths: [path = ''] }) => describeInput(file, path)),
  readCheckpoint: ({ file }) => footers.lendWhole(file, (path) => readCheckpoint(file, path)),
  writeCheckpoint: async (request) => {
    const { writeCheckpoint } = await import('../table/write-checkpoint.js');
    return writeCheckpoint(request, footers, stores);
  },
  bindJob: (request) =>
    bindJob(
      request,
      finder,
      (model, challenger) => hosts.of(challenger).load(model),
      (model, [feeds, outputs], challenger) => hosts.of(challenger).probe(model, feeds, outputs),
      stores,
      options.allow,
    ),
  inspectModel: ({ location }) => inspectModel(location, finder, (model) => models.load(model)),
  describeScorer: (request) => describeScorer(request, finder),
  inspectParquet: async ({ files }) => {
    await checkFooters(files, stores);
    return footers.lend(files, (staged) => inspectParquet(files, staged));
  },
  sampleRejected: ({ file }) => footers.lendWhole(file, (path) => sampleRejected(file, path)),
  inspectProviders: () => askProviders(),
  compareScores,
  evaluateScores: (request) => evaluateScores(request, footers),
  queryProfile: async (query) => {
    const { queryProfile } = await import('../profile/query-profile.js');
    return queryProfile(query);
  },
  profileDataset: async (request) => {
    const { profileDataset } = await import('../profile/profile-dataset.js');
    return profileDataset(request, stores, cacheFolder);
  },
  writeProfileParquet,
  openRun,
  scoreShard: (shard) => {
    if (scorer === undefined) throw new ShardmillError('INTERNAL', 'no run is open');
    return scorer.scoreShard(shard);
  },
  cancelShard: async ({ shard }) => {
    scorer?.cancelShard(shard);
    return null;
  },
  finishParts: async () => {
    scorer?.finishParts();
    return null;
  },
};

async function openRun(settings: RunSettings & LaneSettings): Promise<OpenedRun> {
  const { transform } = settings.scoring;
  const checked = checkScoring(settings.scoring);
  checked.catch(() => {});
  if (transform !== null) {
    await requireAllowed(options.allow, 'transforms', transform.module, settings.jobName);
    await requirePlannedModule(transform);
  }
  const tokenizer = await openTokenizer(settings);
  const { path, opened, pool, fill } = await models.open(settings);
  pool.calls.onRows = (rows) => send({ kind: 'calls', rows });
  await checked;
  const { lanes } = opened;
  const onCpu = opened.providers[0] === 'cpu';
  const challengers = await hosts.openChallengers(settings, (text) =>
    send({ kind: 'notice', text }),
  );
  const own = { provider: opened.providers[0], safeRows: pool.calls.safeRows };
  const writer = chooseWriter(settings, [own, ...challengers.map(({ found }) => found)]);
  const wherePossible = writer === 'single-pass-where-possible';
  const singlePass =
    writer === 'two-pass'
      ? undefined
      : new SinglePass(settings.scoring, wherePossible, { pool, lanes, fill });
  const { scoring } = settings;
  const made =
    onCpu && settings.treeKernel === 'auto' ? await makeSubstitute(path, scoring) : undefined;
  const substitute = made !== undefined && 'kernel' in made ? made : undefined;
  pool.useSubstitute(substitute, scoring.features);
  pool.onNotice = (text) => send({ kind: 'notice', text });
  if (made !== undefined && 'why' in made && made.unexpected) {
    pool.onNotice(`the model is scored by ONNX Runtime alone: ${made.why}`);
  }
  // With a single pass, one lane may be enough.
  if (singlePass === undefined) {
    await fill();
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
  scorer?.close();
  const inference = { lanes: fill, singlePass, tokenizer, challengers };
  scorer = await Scorer.open(settings, inference, stores, (progress) =>
    send({ kind: 'progress', progress }),
  );
  return opened;
}

/** The planned tokenizer, where a feature is made of tokens. @throws LOCATION_FORBIDDEN, TOKENIZER_… */
async function openTokenizer({
  scoring: { text },
  jobName,
}: RunSettings): Promise<TextTokenizer | undefined> {
  if (text === undefined) return undefined;
  await requireAllowed(options.allow, 'models', text.tokenizer.uri, jobName);
  const watch = new CallWatch((slow) => send({ kind: 'slowTokenizer', slow }));
  return TextTokenizer.open(await readPlannedTokenizer(text.tokenizer, stores), text, watch);
}

onRequest((request) => {
  void answer(request);
});

async function answer<M extends EngineMethod>(request: EngineRequest<M>): Promise<void> {
  try {
    const result = await methods[request.method](request.argument);
    send({ kind: 'answer', id: request.id, answer: result });
  } catch (error) {
    send({ kind: 'error', id: request.id, error: engineError(error).toRecord() });
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
