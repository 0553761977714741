import { addModel as add } from '@shardmill/client/models';
import type { Services } from '@shardmill/client/services';
import { resolveLocation } from '@shardmill/core';
import { modelVersionDocument } from '../../documents/model-documents.js';
import type { Result } from '../../result.js';
import type { Terminal } from '../../terminal.js';
import { addedText } from '../../ui/model/added-text.js';

export interface AddModelFlags {
  readonly name: string;
  readonly asVersion?: number | undefined;
  readonly note?: string | undefined;
  readonly reference?: boolean | undefined;
}

/** Registers a model. @throws MODEL_…, STORE_… */
export async function addModel(
  uri: string,
  { name, asVersion, note, reference }: AddModelFlags,
  { cwd }: Pick<Terminal, 'cwd'>,
  services: Pick<Services, 'stores' | 'settings' | 'withEngine'>,
): Promise<Result> {
  const location = resolveLocation(uri, cwd);
  const request = { location, name, version: asVersion, note, reference };
  const { version, added, notices } = await add(request, services);
  return {
    json: () => modelVersionDocument(version, { added, notices: [...notices] }),
    text: (style) => addedText(version, { added, notices }, style),
  };
}
