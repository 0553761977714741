import { parse } from 'yaml';

/** The names of a model's columns in the order of the training, and who says so. */
export interface FeatureNames {
  readonly names: readonly string[];
  readonly source: string;
}

/** Keys under which names are kept, in ONNX metadata and in JSON. */
const KEYS = ['feature_names', 'feature_names_in_', 'featureNames', 'features', 'columns'];

/** Names in the metadata of an ONNX file: a JSON list, or names with commas between them. */
export function namesOfMetadata(
  metadata: Readonly<Record<string, string>>,
): FeatureNames | undefined {
  for (const key of KEYS) {
    const text = metadata[key];
    if (text === undefined) continue;
    const names = listOf(parseJson(text)) ?? listOf(text.split(',').map((name) => name.trim()));
    if (names !== undefined) return { names, source: `the model's metadata, ${key}` };
  }
  return undefined;
}

/** Files beside a model in which its names may be, the surest first. */
export function namesFiles(modelName: string): string[] {
  const stem = modelName.replace(/\.[^.]*$/, '');
  const files = ['feature_names.json', 'feature_names.txt', 'features.json'];
  const own = [`${stem}.json`, `${stem}.txt`, 'model.json', 'model.txt', 'MLmodel'];
  return [...new Set([...files, ...own])];
}

/**
 * Of such a file, by its content: a list, an object with a list, a model of XGBoost (JSON),
 * LightGBM (text) or CatBoost (JSON), or the signature of MLflow.
 */
export function namesOfFile(name: string, text: string): FeatureNames | undefined {
  const names =
    name === 'MLmodel'
      ? namesOfSignature(text)
      : name.endsWith('.json')
        ? namesOfJson(parseJson(text))
        : namesOfText(name, text);
  return names === undefined ? undefined : { names, source: name };
}

function namesOfJson(value: unknown): string[] | undefined {
  const list = listOf(value);
  if (list !== undefined) return list;
  for (const key of KEYS) {
    const found = listOf(get(value, key));
    if (found !== undefined) return found;
  }
  return listOf(get(get(value, 'learner'), 'feature_names')) ?? namesOfCatBoost(value);
}

/** Each kind of feature has a list of its own; the flat index is the column of the tensor. */
function namesOfCatBoost(value: unknown): string[] | undefined {
  const info = get(value, 'features_info');
  const all = ['float_features', 'categorical_features'].flatMap((key) => {
    const list = get(info, key);
    return Array.isArray(list) ? list : [];
  });
  return listOf(
    all
      .toSorted(
        (a, b) => Number(get(a, 'flat_feature_index')) - Number(get(b, 'flat_feature_index')),
      )
      .map((feature) => get(feature, 'feature_id')),
  );
}

/** A line `feature_names=a b c` of LightGBM, or a name a line in a file that is named so. */
function namesOfText(name: string, text: string): string[] | undefined {
  const line = /^feature_names=(.*)$/m.exec(text)?.[1];
  if (line !== undefined) return listOf(line.trim().split(' '));
  return name === 'feature_names.txt' ? listOf(text.trim().split(/\r?\n/)) : undefined;
}

/** YAML with `signature.inputs`, which is JSON in a string. */
function namesOfSignature(text: string): string[] | undefined {
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    return undefined;
  }
  const inputs = get(get(document, 'signature'), 'inputs');
  const list = typeof inputs === 'string' ? parseJson(inputs) : undefined;
  return Array.isArray(list) ? listOf(list.map((input) => get(input, 'name'))) : undefined;
}

/** A list of different names, and nothing else. */
function listOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const names = value.filter((item): item is string => typeof item === 'string' && item !== '');
  return names.length === value.length && new Set(names).size === names.length ? names : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const get = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

/** Whether names are those that an exporter numbers itself, and so say nothing but their count. */
export const areNumbered = (names: readonly string[]): boolean =>
  names.every((name) => /^(f|x|v|column|feature|input)?[_ ]?\d+$/i.test(name));
