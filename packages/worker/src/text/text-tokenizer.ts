import type { Tokenizer } from '@anush008/tokenizers';
import { ShardmillError } from '@shardmill/core';
import { get } from '../sql/parse-expression.js';
import { CallWatch } from './call-watch.js';
import type { TokenizerFile } from './tokenizer-file.js';
import { vocabularyOf } from './tokenizer-vocabulary.js';
import { TEXT_FAULTS, type TextRules, type TokensView } from './tokens-view.js';

/** Of one call of the library: what it makes of texts is many times as large as they are. */
const MAX_CALL_TEXTS = 256;
const MAX_CALL_CHARACTERS = 2 ** 20;

/** The largest vocabularies in use have 900,000 tokens. */
const MAX_TOKENS = 1_000_000;
const MAX_ID = 2 ** 31 - 1;

const PADDING_TOKENS = ['[PAD]', '<pad>', '<|padding|>'];

/** A tokenizer of the tokenizers library, which makes token ids of texts. */
export class TextTokenizer {
  private constructor(
    readonly tokenizer: Tokenizer,
    readonly rules: TextRules,
    readonly where: string,
    /** The id of the token that fills up shorter rows. */
    readonly paddingId: number,
    /** The tokens that every row has. */
    readonly ownTokens: number,
    /** The largest id that a token can have. */
    readonly maxId: number,
    readonly watch: CallWatch,
  ) {}

  /** @throws TOKENIZER_INVALID, TOKENIZER_MISMATCH where no token of a text has room */
  static async open(
    file: TokenizerFile,
    rules: TextRules,
    watch: CallWatch = new CallWatch(),
  ): Promise<TextTokenizer> {
    const where = file.uri;
    const library = await import('@anush008/tokenizers');
    try {
      const tokenizer = library.Tokenizer.fromString(file.content);
      // Rows are padded to the longest of their call, and cut as the job says.
      tokenizer.disablePadding();
      tokenizer.disableTruncation();
      const size = tokenizer.getVocabSize(true);
      // Before its tokens are read, which takes long for a very large one.
      requireVocabulary(size, 0, where);
      const vocabulary = vocabularyOf(tokenizer, file.content);
      const maxId = Object.values(vocabulary).reduce((most, id) => Math.max(most, id), 0);
      requireVocabulary(size, maxId, where);
      const paddingId = paddingIdOf(file.content, vocabulary);
      const ownTokens = (await tokenizer.encode('', rules.pair && '')).getLength();
      if (rules.pair === true) await requirePairs(tokenizer, where);
      if (ownTokens >= rules.maxLength) {
        throw new ShardmillError(
          'TOKENIZER_MISMATCH',
          `maxLength is ${rules.maxLength}, and the tokenizer adds ${ownTokens} tokens to each ${rules.pair === true ? 'pair' : 'text'}`,
          { where, remedy: `Set maxLength to more than ${ownTokens}.` },
        );
      }
      tokenizer.setTruncation(rules.maxLength);
      return new TextTokenizer(tokenizer, rules, where, paddingId, ownTokens, maxId, watch);
    } catch (error) {
      if (error instanceof ShardmillError) throw error;
      throw new ShardmillError('TOKENIZER_INVALID', `not a tokenizer: ${messageOf(error)}`, {
        where,
        cause: error,
      });
    }
  }

  /**
   * The tokens of texts, of which a missing one is null. Of a pair, the longer text is cut first.
   * @param seconds the second text of each pair.
   * @throws TOKENIZER_FAILED, TOKENIZER_TIMEOUT
   */
  async encode(
    texts: readonly (string | undefined)[],
    seconds?: readonly (string | undefined)[],
  ): Promise<TokensView> {
    const lengths = new Int32Array(texts.length);
    const faults = new Uint8Array(texts.length);
    const pieces: { readonly ids: number[]; readonly types: number[] }[] = [];
    for (let from = 0; from < texts.length; ) {
      const end = endOfCall(texts, seconds, from);
      const encodings = await this.#encodeSome(
        texts.slice(from, end).map((text) => text ?? ''),
        seconds?.slice(from, end).map((text) => text ?? ''),
      );
      for (const [index, encoding] of encodings.entries()) {
        const row = from + index;
        const ids = encoding.getIds();
        pieces.push({ ids, types: encoding.getTypeIds() });
        lengths[row] = ids.length;
        if (texts[row] === undefined) faults[row] = TEXT_FAULTS.null;
        else if (ids.length >= this.rules.maxLength && encoding.getOverflowing().length > 0) {
          faults[row] = TEXT_FAULTS.tooLong;
        }
      }
      from = end;
    }
    const offsets = new Int32Array(texts.length + 1);
    for (let row = 0; row < texts.length; row++) {
      offsets[row + 1] = (offsets[row] ?? 0) + (lengths[row] ?? 0);
    }
    const total = offsets[texts.length] ?? 0;
    const ids = new Int32Array(total);
    const types = new Uint8Array(total);
    for (const [row, piece] of pieces.entries()) {
      ids.set(piece.ids, offsets[row] ?? 0);
      types.set(piece.types, offsets[row] ?? 0);
    }
    return { kind: 'tokens', ids, types, offsets, faults, rules: this.rules };
  }

  async #encodeSome(texts: string[], seconds: string[] | undefined): Promise<Encoding[]> {
    const characters = lengthOf(texts) + lengthOf(seconds ?? []);
    const late = (limitSeconds: number): ShardmillError =>
      new ShardmillError(
        'TOKENIZER_TIMEOUT',
        `${texts.length} ${seconds === undefined ? 'texts' : 'pairs'} of ${characters} characters were not tokenized within ${limitSeconds} s`,
        { where: this.where },
      );
    try {
      const call =
        seconds === undefined
          ? this.tokenizer.encodeBatch(texts)
          : // The library takes no batch of pairs.
            Promise.all(texts.map((text, row) => this.tokenizer.encode(text, seconds[row])));
      return await this.watch.wait(call, characters / MAX_CALL_CHARACTERS, late);
    } catch (error) {
      if (error instanceof ShardmillError) throw error;
      throw new ShardmillError('TOKENIZER_FAILED', messageOf(error), {
        where: this.where,
        cause: error,
      });
    }
  }
}

/** @throws TOKENIZER_INVALID for more tokens, or a larger id, than any model has */
export function requireVocabulary(tokens: number, maxId: number, where: string): void {
  const refuse = (has: string, most: string): ShardmillError =>
    new ShardmillError('TOKENIZER_INVALID', `it has ${has}; at most ${most} are supported`, {
      where,
    });
  if (tokens > MAX_TOKENS) throw refuse(`${tokens} tokens`, `${MAX_TOKENS} tokens`);
  if (maxId > MAX_ID) throw refuse(`a token ${maxId}`, `ids up to ${MAX_ID}`);
}

/** @throws TOKENIZER_MISMATCH where the second text of a pair is left out */
async function requirePairs(tokenizer: Tokenizer, where: string): Promise<void> {
  const sequences = (await tokenizer.encode('a', 'a')).getSequenceIds();
  if (sequences.includes(1) || !sequences.includes(0)) return;
  throw new ShardmillError(
    'TOKENIZER_MISMATCH',
    'the job gives pairs of texts, and the tokenizer leaves out the second one: its template for pairs has no place for it',
    { where, remedy: 'Give the tokenizer.json of a model that takes pairs, such as a reranker.' },
  );
}

type Encoding = Awaited<ReturnType<Tokenizer['encode']>>;

const lengthOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + text.length, 0);

/** Where the call ends that begins with a text: it has one at least. */
function endOfCall(
  texts: readonly (string | undefined)[],
  seconds: readonly (string | undefined)[] | undefined,
  from: number,
): number {
  const charactersOf = (row: number): number =>
    (texts[row]?.length ?? 0) + (seconds?.[row]?.length ?? 0);
  let characters = charactersOf(from);
  let end = from + 1;
  while (end < texts.length && end - from < MAX_CALL_TEXTS) {
    characters += charactersOf(end);
    if (characters > MAX_CALL_CHARACTERS) break;
    end++;
  }
  return end;
}

/** Models that number their positions by themselves skip the padding by its id. */
function paddingIdOf(content: string, vocabulary: Readonly<Record<string, number>>): number {
  const file: unknown = JSON.parse(content);
  const stated = get(get(file, 'padding'), 'pad_id');
  if (typeof stated === 'number') return stated;
  for (const token of PADDING_TOKENS) {
    if (Object.hasOwn(vocabulary, token)) return vocabulary[token] ?? 0;
  }
  return 0;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').slice(0, 300) : String(error);
