/** The model registry: what is released, and what its aliases point to. */
export { addModel } from './add-model.js';
export {
  type AliasChange,
  type AliasOptions,
  changeText,
  DEFAULT_ALIAS,
  promoteModel,
  removeAlias,
  rollbackModel,
  setAlias,
} from './change-alias.js';
export type { ModelTest } from '../compare/test-model.js';
export { modelToTest } from './model-argument.js';
export { locateModel } from './locate-model.js';
export {
  diffModels,
  historyOfModel,
  listModels,
  type ModelDifference,
  type ShownModel,
  showModel,
} from './look-at-models.js';
export type { ShownVersion } from './shown-version.js';
export type { ModelEvent, RegisteredModel, SignatureChange } from '@shardmill/scheduler';
