import type { Stores } from '@shardmill/core';
import { compareScores } from '../compare/compare-scores.js';
import { evaluateScores } from '../evaluate/evaluate-scores.js';
import { checkFooters } from '../inspect/check-footers.js';
import { describeScorer } from '../inspect/describe-scorer.js';
import { inspectModel } from '../inspect/inspect-model.js';
import { inspectParquet } from '../inspect/inspect-parquet.js';
import { readCheckpoint } from '../inspect/read-checkpoint.js';
import { sampleRejected } from '../inspect/sample-rejected.js';
import { askProviders } from '../lane/ask-providers.js';
import type { ModelFinder } from '../model/find-model.js';
import { profileDataset } from '../profile/profile-dataset.js';
import { queryProfile } from '../profile/query-profile.js';
import { writeProfileParquet } from '../profile/write-profile-parquet.js';
import type { FooterStager } from '../stage/footer-stager.js';
import { writeCheckpoint } from '../table/write-checkpoint.js';
import type { ModelHost } from './model-host.js';
import type { EngineMethod, EngineMethods } from './protocol.js';

/** What an engine answers besides planning and scoring. */
export type Question = Exclude<
  EngineMethod,
  'describeInput' | 'bindJob' | 'openRun' | 'scoreShard' | 'cancelShard' | 'finishParts'
>;

/** What answers are found with. */
export interface QuestionTools {
  readonly stores: Stores;
  readonly finder: ModelFinder;
  readonly footers: FooterStager;
  readonly models: ModelHost;
}

export const QUESTIONS: {
  readonly [Q in Question]: (
    argument: EngineMethods[Q]['argument'],
    tools: QuestionTools,
  ) => Promise<EngineMethods[Q]['answer']>;
} = {
  describeScorer: (request, { finder }) => describeScorer(request, finder),
  inspectModel: ({ location }, { finder, models }) =>
    inspectModel(location, finder, (model) => models.load(model)),
  inspectParquet: async ({ files }, { footers, stores }) => {
    await checkFooters(files, stores);
    return footers.lend(files, (staged) => inspectParquet(files, staged));
  },
  inspectProviders: () => askProviders(),
  sampleRejected: ({ file }, { footers }) =>
    footers.lendWhole(file, (path) => sampleRejected(file, path)),
  compareScores: (request) => compareScores(request),
  evaluateScores: (request, { footers }) => evaluateScores(request, footers),
  readCheckpoint: ({ file }, { footers }) =>
    footers.lendWhole(file, (path) => readCheckpoint(file, path)),
  writeCheckpoint: (request, { footers, stores }) => writeCheckpoint(request, footers, stores),
  queryProfile: (query) => queryProfile(query),
  profileDataset: (request, { stores, footers }) =>
    profileDataset(request, stores, footers.cacheFolder),
  writeProfileParquet: (request) => writeProfileParquet(request),
};
