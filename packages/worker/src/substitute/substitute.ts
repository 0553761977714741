import { type BoundFeature, ShardmillError } from '@shardmill/core';
import type { ModelPart } from '@shardmill/trees';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { SyncSession } from '../onnx/sync-session.js';
import { TextDictionary } from '../text-tables/text-dictionary.js';
import { TextTables } from '../text-tables/text-tables.js';
import { TreeSession } from '../tree-kernel/tree-session.js';
import { isOneText, type ModelSubstitute } from './model-substitute.js';

/** One thread's instance of what scores in place of the model's session. */
export class Substitute {
  private constructor(
    readonly plan: ModelSubstitute,
    readonly tables: TextTables | undefined,
    readonly trees: TreeSession | undefined,
    /** What follows the tables, where there are no trees. */
    readonly rest: SyncSession | undefined,
    /** Opens a part of the model. */
    readonly load: (part: ModelPart) => SyncSession,
  ) {}

  /**
   * @param threads of one call of what ONNX Runtime does
   * @param onProblem is called with why there is none, where there could have been one
   * @param dictionaries of the features, where their columns have been encoded by them
   */
  static open(
    plan: ModelSubstitute | undefined,
    features: readonly BoundFeature[],
    threads: number,
    onProblem: (why: string) => void,
    dictionaries: readonly (TextDictionary | undefined)[] = [],
  ): Substitute | undefined {
    if (plan === undefined) return undefined;
    const load = (part: ModelPart): SyncSession => {
      const session = SyncSession.load(part.model, threads);
      if (session === undefined) throw new Error('this ONNX Runtime is not known inside');
      return session;
    };
    try {
      const { texts, kernel } = plan;
      const tables =
        texts && new TextTables(texts, load(texts.encoders), inputsOf(features, dictionaries));
      const trees = kernel && TreeSession.open(kernel, load);
      const rest = texts !== undefined && trees === undefined ? load(texts.rest) : undefined;
      return new Substitute(plan, tables, trees, rest, load);
    } catch (error) {
      onProblem(String(error));
      return undefined;
    }
  }

  /** Whether the scores are the same to the bit. */
  get exact(): boolean {
    return this.trees?.kernel.exact ?? true;
  }

  /** Scores rows of the model's inputs. @throws whatever ONNX Runtime throws */
  run(feeds: readonly BatchTensor[], rows: number, outputs: readonly string[]): BatchTensor[] {
    return this.runCoded(this.#withoutTexts(feeds), rows, outputs);
  }

  /** The same with tensors from the tables in place of texts. */
  runCoded(feeds: readonly BatchTensor[], rows: number, outputs: readonly string[]): BatchTensor[] {
    if (this.trees !== undefined) return this.trees.run(feeds, rows, outputs);
    if (this.rest === undefined) throw new ShardmillError('INTERNAL', 'nothing follows the texts');
    const inputs = this.plan.texts?.rest.inputs;
    const own = feeds.filter(({ name }) => inputs?.includes(name) === true);
    return this.rest.run(own, rows, outputs);
  }

  #withoutTexts(feeds: readonly BatchTensor[]): readonly BatchTensor[] {
    const { tables } = this;
    if (tables === undefined) return feeds;
    const codes = new Map<string, Int32Array>();
    for (const [name, { dictionary }] of tables.inputs) {
      const data = feeds.find((feed) => feed.name === name)?.data;
      if (!Array.isArray(data)) continue;
      dictionary.trim();
      codes.set(name, dictionary.encodeTexts(data));
    }
    tables.fill();
    return [...feeds, ...codedTensors(tables, codes)];
  }
}

/**
 * The tensors that take the place of texts.
 * @param codes by the inputs that had them
 * @param wanted undefined: all of them
 */
export function codedTensors(
  tables: TextTables,
  codes: ReadonlyMap<string, Int32Array>,
  wanted?: readonly string[],
): BatchTensor[] {
  const some = [...tables.cut.madeOf].filter(([tensor]) => wanted?.includes(tensor) ?? true);
  return some.map(([tensor, input]) => {
    const own = codes.get(input);
    if (own === undefined) throw new ShardmillError('INTERNAL', `no texts "${input}"`);
    return tables.tensor(tensor, own);
  });
}

function inputsOf(
  features: readonly BoundFeature[],
  dictionaries: readonly (TextDictionary | undefined)[],
): TextTables['inputs'] {
  return new Map(
    features.flatMap((feature, index) => {
      if (!isOneText(feature)) return [];
      const dictionary = dictionaries[index] ?? new TextDictionary();
      return [[feature.input, { rowShape: feature.rowShape, dictionary }] as const];
    }),
  );
}
