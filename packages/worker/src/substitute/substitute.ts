import { type BoundFeature, ShardmillError } from '@shardmill/core';
import type { ModelPart } from '@shardmill/trees';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { SyncSession } from '../onnx/sync-session.js';
import { TextDictionary } from '../text-tables/text-dictionary.js';
import { type TablePlaces, TextTables } from '../text-tables/text-tables.js';
import { TreeSession } from '../tree-kernel/tree-session.js';
import { isOneText } from '../text-tables/text-places.js';
import type { ModelSubstitute } from './model-substitute.js';

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
      const tables = texts && new TextTables(texts, inputsOf(features, dictionaries), load);
      const trees = kernel && TreeSession.open(kernel, load);
      const rest = trees === undefined && texts?.rest !== undefined ? load(texts.rest) : undefined;
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
    const inputs = this.plan.texts?.rest?.inputs;
    return this.withDirect(feeds, outputs, (others) => {
      if (this.trees !== undefined) return this.trees.run(feeds, rows, others);
      const own = feeds.filter(({ name }) => inputs?.includes(name) === true);
      return this.rest?.run(own, rows, others) ?? [];
    });
  }

  /**
   * Outputs in the order of their names: those that are in the tables as they are there.
   * @param run makes the others, in this order
   */
  withDirect(
    coded: readonly BatchTensor[],
    outputs: readonly string[],
    run: (others: readonly string[]) => BatchTensor[],
  ): BatchTensor[] {
    const direct = this.plan.texts?.direct ?? [];
    const others = outputs.filter((name) => !direct.includes(name));
    const made = others.length === 0 ? [] : run(others);
    return outputs.map((name) => {
      const output = (direct.includes(name) ? coded : made).find((one) => one.name === name);
      if (output === undefined) throw new ShardmillError('INTERNAL', `no output "${name}"`);
      return output;
    });
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
    const places = tables.encode(codes);
    return [...feeds, ...codedTensors(tables, places)];
  }
}

/**
 * The tensors that take the place of texts.
 * @param wanted undefined: all of them
 */
export function codedTensors(
  tables: TextTables,
  places: TablePlaces,
  wanted?: readonly string[],
): BatchTensor[] {
  const some = [...places].filter(([tensor]) => wanted?.includes(tensor) ?? true);
  return some.map(([tensor, own]) => tables.tensor(tensor, own));
}

function inputsOf(
  features: readonly BoundFeature[],
  dictionaries: readonly (TextDictionary | undefined)[],
): TextTables['inputs'] {
  return new Map(
    features.flatMap((feature, index) => {
      if (!isOneText(feature)) return [];
      const dictionary = dictionaries[index] ?? new TextDictionary();
      const { input: name, rowShape } = feature;
      return [[name, { name, rowShape, dictionary }] as const];
    }),
  );
}
