import type { Mutation } from './mutation.js';

const CUT = 'packages/trees/src/onnx';
const TABLES = 'packages/worker/src/text-tables';

/** The rules of texts that are encoded once: which meet row by row, and what is kept of them. */
export const textMutations: readonly Mutation[] = [
  rule(
    'the same shape of texts that are put together',
    [
      `${CUT}/text-nodes.ts`,
      'sources.some((source) => source.rank !== rank)',
      'sources.some((source) => source.rank === undefined)',
    ],
    [`${CUT}/cut-texts.test.ts`, 'where texts meet in tensors of different shapes'],
  ),
  rule(
    'a single constant among texts that are put together',
    [
      `${CUT}/text-nodes.ts`,
      'dimensions.every((one) => one === 1)',
      'dimensions.every((one) => one >= 1)',
    ],
    [`${CUT}/cut-texts.test.ts`, 'where texts meet in several constants'],
  ),
  rule(
    'a text for each row behind a reshape',
    [
      `${CUT}/text-nodes.ts`,
      'first !== -1 || others.some((size) => size !== 1)',
      'others.length > 7',
    ],
    [`${CUT}/cut-texts.test.ts`, 'where texts meet in a row and a column'],
  ),
  rule(
    'a text for each row without stop words',
    [
      `${CUT}/text-nodes.ts`,
      "attributes.has('stopwords') ? undefined : source.rank",
      'source.rank',
    ],
    [`${CUT}/cut-texts.test.ts`, 'where texts meet in what may have fewer values'],
  ),
  rule(
    'numbers of several texts that are left to the rest',
    [
      `${CUT}/text-nodes.ts`,
      "texts === sources.length ? number('bool', rank) : undefined",
      "number('bool', rank)",
    ],
    [`${CUT}/cut-texts.test.ts`, 'but numbers of several texts are not put together'],
  ),
  rule(
    'the comparison of all codes of a combination',
    [
      `${TABLES}/combinations.ts`,
      'if (own[i]?.[number] !== codes[i]?.[row]) return false;',
      'if (i > 0 && own[i]?.[number] !== codes[i]?.[row]) return false;',
    ],
    [`${TABLES}/combinations.test.ts`, 'have numbers of their own where there are many'],
  ),
  rule(
    'combinations of texts that have been forgotten',
    [
      `${TABLES}/combinations.ts`,
      'if (!stale && this.count <= this.max) return;',
      'if (this.count <= this.max) return;',
    ],
    [`${TABLES}/combinations.test.ts`, 'are begun anew when texts of one input have been'],
  ),
  rule(
    'the limit of combinations',
    [
      `${TABLES}/combinations.ts`,
      'if (!stale && this.count <= this.max) return;',
      'if (!stale) return;',
    ],
    [`${TABLES}/combinations.test.ts`, 'are begun anew when they are too many'],
  ),
  rule(
    'codes of texts that had the same place before',
    [
      'packages/worker/src/scan/vector-dictionary.ts',
      'if (epoch !== this.#placesEpoch) this.#placeCodes.fill(ABSENT);',
      '',
    ],
    ['packages/worker/src/scan/vector-dictionary.test.ts', 'has the texts of places'],
  ),
  rule(
    'the limit of texts that have places',
    [
      'packages/worker/src/single-pass/learned-places.ts',
      'texts.length > MAX_TEXTS || characters > MAX_CHARACTERS',
      'texts.length < 0 || characters < 0',
    ],
    ['packages/worker/src/single-pass/learned-places.test.ts', 'are given no more'],
  ),
  rule(
    'the end of places that DuckDB asks for in each row',
    [
      'packages/worker/src/single-pass/learned-places.ts',
      'this.#isOver ||= this.#isAskedForEach;',
      '',
    ],
    [
      'packages/worker/src/single-pass/learned-places.test.ts',
      'where they are asked for in each row',
    ],
  ),
  rule(
    'tables of what has been forgotten',
    [
      `${TABLES}/encoder-tables.ts`,
      'this.#filled.epoch === epoch ? this.#filled.count : 0',
      'Math.min(this.#filled.count, count)',
    ],
    [`${TABLES}/text-tables.test.ts`, 'refuse what an encoder refuses'],
  ),
];

function rule(
  name: string,
  [file, text, replacement]: readonly [file: string, text: string, replacement: string],
  [test, only]: readonly [test: string, only: string],
): Mutation {
  return { name, edits: [{ file, text, replacement }], tests: [test], only };
}
