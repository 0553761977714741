import { ShardmillError } from '../../errors/shardmill-error.js';

/** Which version of a registered model is meant: its number, or a name that points to one. */
export type ModelSelector =
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'alias'; readonly alias: string };

export interface ModelReference {
  readonly name: string;
  readonly selector: ModelSelector;
}

/** Whether `model.uri` names a model of the registry, and not a location. */
export function isModelReference(uri: string): boolean {
  return /^models:/i.test(uri);
}

/** Whether any model of a job is one of the registry. */
export function usesModelRegistry({
  model,
  challengers = [],
}: {
  readonly model: { readonly uri: string };
  readonly challengers?: readonly { readonly model: { readonly uri: string } }[] | undefined;
}): boolean {
  return [model, ...challengers.map((one) => one.model)].some(({ uri }) => isModelReference(uri));
}

/** What `models:/churn@production` or `models:/churn@7` names. @throws MODEL_NAME_INVALID */
export function parseModelReference(uri: string, where = 'model.uri'): ModelReference {
  const found = uri.startsWith(SCHEME) ? readReference(uri.slice(SCHEME.length)) : undefined;
  if (found !== undefined) return found;
  throw new ShardmillError('MODEL_NAME_INVALID', `"${uri}" names no version of a model`, {
    where,
    remedy: `Write ${MODEL_REFERENCE_FORM}.`,
  });
}

/** Whether a text is a whole reference, or has a template that is filled in later. */
export function mayBeModelReference(uri: string): boolean {
  if (uri.includes('{{')) return true;
  return uri.startsWith(SCHEME) && readReference(uri.slice(SCHEME.length)) !== undefined;
}

/** `churn@production` or `churn@7`; undefined where a text is neither. */
export function readReference(text: string): ModelReference | undefined {
  const [, name = '', selected = ''] = /^([^@]*)@([^@]*)$/.exec(text) ?? [];
  const selector = readSelector(selected);
  return isModelName(name) && selector !== undefined ? { name, selector } : undefined;
}

/** What follows on the `@`; undefined where a text is neither a version nor an alias. */
export function readSelector(text: string): ModelSelector | undefined {
  if (/^[1-9]\d{0,8}$/.test(text)) return { kind: 'version', version: Number(text) };
  return isModelAlias(text) ? { kind: 'alias', alias: text } : undefined;
}

/** Whether a text can name a model: it is a folder of the state location. */
export const isModelName = (text: string): boolean => NAME.test(text);

/** Whether a text can name a version of a model; a number is never an alias. */
export const isModelAlias = (text: string): boolean => NAME.test(text) && !/^\d+$/.test(text);

/** `production`, or `7`. */
export const selectorText = (selector: ModelSelector): string =>
  selector.kind === 'version' ? String(selector.version) : selector.alias;

export const MODEL_REFERENCE_FORM =
  'models:/NAME@ALIAS or models:/NAME@VERSION, such as models:/churn@production or models:/churn@7';
export const MODEL_NAME_FORM =
  'lower-case letters, digits, - and _, at most 63 of them, beginning with a letter or a digit';

const SCHEME = 'models:/';
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
