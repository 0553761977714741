/**
 * The model registry, as keys relative to the state location:
 * ```
 * models/<name>/events/000000.json         what happened to the model, numbered from 0
 * models/<name>/files/<digest>/model.onnx  a model that was copied in, with its weights beside it
 * ```
 */

export const MODELS_PREFIX = 'models/';

export const modelEventKey = (name: string, number: number): string =>
  `${modelEventsPrefix(name)}${String(number).padStart(6, '0')}.json`;

export const modelEventsPrefix = (name: string): string => `${MODELS_PREFIX}${name}/events/`;

/** The folder of one copied version; `digest` is over all of its files. */
export const modelFilesPrefix = (name: string, digest: string): string =>
  `${MODELS_PREFIX}${name}/files/${digest}/`;

/** The model whose event this key is, with the event's number; undefined for another key. */
export function modelOfEvent(key: string): { name: string; number: number } | undefined {
  const [, name, number] = /^models\/([^/]+)\/events\/(\d{6,})\.json$/.exec(key) ?? [];
  return name === undefined ? undefined : { name, number: Number(number) };
}
