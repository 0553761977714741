import { commitMutations } from './commit-mutations.js';
import { dataMutations } from './data-mutations.js';
import { exposureMutations } from './exposure-mutations.js';
import { limitMutations } from './limit-mutations.js';
import { locationMutations } from './location-mutations.js';
import { messageMutations } from './message-mutations.js';
import type { Mutation } from './mutation.js';
import { qualityMutations } from './quality-mutations.js';
import { scheduleMutations } from './schedule-mutations.js';
import { textMutations } from './text-mutations.js';
import { treeMutations } from './tree-mutations.js';
import { waitingMutations } from './waiting-mutations.js';

/** Every guard that the tests must miss when it is taken out. */
export const mutations: readonly Mutation[] = [
  ...commitMutations,
  ...dataMutations,
  ...messageMutations,
  ...locationMutations,
  ...limitMutations,
  ...exposureMutations,
  ...scheduleMutations,
  ...treeMutations,
  ...textMutations,
  ...waitingMutations,
  ...qualityMutations,
];
