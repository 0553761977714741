import {
  diffModels as diff,
  historyOfModel,
  listModels as list,
  showModel as show,
} from '@shardmill/client/models';
import type { Services } from '@shardmill/client/services';
import {
  modelDiffDocument,
  modelDocument,
  modelHistoryDocument,
  modelsDocument,
  modelVersionDocument,
} from '../../documents/model-documents.js';
import type { Result } from '../../result.js';
import { modelDiffText } from '../../ui/model/model-diff-text.js';
import { modelHistoryText } from '../../ui/model/model-history-text.js';
import { modelText, modelVersionText } from '../../ui/model/model-text.js';
import { modelsTable } from '../../ui/model/models-table.js';

type NeedsRegistry = Pick<Services, 'stores' | 'settings'>;

/** @throws MODEL_REGISTRY_DAMAGED, STORE_… */
export async function listModels(services: NeedsRegistry): Promise<Result> {
  const { registry, models } = await list(services);
  const now = Date.now();
  return {
    json: () => modelsDocument(registry, models),
    text: (style) => modelsTable(registry, models, now, style),
  };
}

/** @throws MODEL_NOT_REGISTERED, MODEL_NAME_INVALID, MODEL_REGISTRY_DAMAGED, STORE_… */
export async function showModel(argument: string, services: NeedsRegistry): Promise<Result> {
  const shown = await show(argument, services);
  return 'model' in shown
    ? { json: () => modelDocument(shown), text: (style) => modelText(shown, Date.now(), style) }
    : { json: () => modelVersionDocument(shown), text: (style) => modelVersionText(shown, style) };
}

/** @throws as `showModel` */
export async function showHistory(argument: string, services: NeedsRegistry): Promise<Result> {
  const { name, events } = await historyOfModel(argument, services);
  return {
    json: () => modelHistoryDocument(name, events),
    text: (style) => modelHistoryText(argument, events, style),
  };
}

/** @throws as `showModel` */
export async function diffModels(
  before: string,
  after: string,
  services: NeedsRegistry,
): Promise<Result> {
  const difference = await diff(before, after, services);
  return {
    json: () => modelDiffDocument(difference),
    text: (style) => modelDiffText(difference, style),
  };
}
