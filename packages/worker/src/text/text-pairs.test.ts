import { describe, expect, it } from 'vitest';
import { recordedPairs, textPairs } from '../testing/text-pairs.js';
import { TextTokenizer } from './text-tokenizer.js';
import { asSecondText, TEXT_FAULTS, tokensFault, type TokensView } from './tokens-view.js';

const { bert, roberta, none } = recordedPairs;
const firsts = textPairs.map(([first]) => first);
const seconds = textPairs.map(([, second]) => second);

/** A row as it was recorded. */
function shown({ ids, types, offsets, faults }: TokensView, row: number): string {
  const [from, to] = [offsets[row], offsets[row + 1]];
  const cut = faults[row] === TEXT_FAULTS.tooLong ? 'cut' : 'whole';
  return `${ids.subarray(from, to).join(' ')} | ${types.subarray(from, to).join(' ')} | ${cut}`;
}

const open = (
  content: string,
  maxLength: number,
  tooLong: 'truncate' | 'reject' = 'truncate',
): Promise<TextTokenizer> =>
  TextTokenizer.open(
    { uri: 'tokenizer.json', sha256: '', bytes: 0, content },
    { maxLength, tooLong, pair: true },
  );

describe("the tokens of pairs of texts are those of Python's tokenizers", () => {
  it.each([
    ['of BERT, with types', bert],
    ['of RoBERTa, with two separators', roberta],
    ['without a template', none],
  ])('%s', async (_what, { tokenizer: content, rows }) => {
    for (const [maxLength, recorded] of Object.entries(rows)) {
      const tokenizer = await open(content, Number(maxLength));
      const view = await tokenizer.encode(firsts, seconds);
      expect(firsts.map((_text, row) => shown(view, row))).toEqual(recorded);
    }
    expect(Object.values(rows).flat()).toHaveLength(6 * textPairs.length);
  });
});

describe('a pair of texts', () => {
  it('keeps its row over several calls of the library', async () => {
    const tokenizer = await open(bert.tokenizer, 64);
    const texts = Array.from({ length: 600 }, (_, row) => 'late '.repeat(row % 5));
    const { offsets } = await tokenizer.encode(texts, texts.toReversed());
    const lengths = texts.map((_, row) => (offsets[row + 1] ?? 0) - (offsets[row] ?? 0));
    expect(lengths).toEqual(texts.map((_, row) => 3 + (row % 5) + ((599 - row) % 5)));
  });

  it('says which of its texts is null, and that both are too long together', async () => {
    const tokenizer = await open(bert.tokenizer, 8, 'reject');
    const second = [undefined, 'late', 'the parcel is late'];
    const view = await tokenizer.encode(['late', undefined, 'the parcel'], second);
    const faults = [view, asSecondText(view, second)].map((one) =>
      [0, 1, 2].map((row) => tokensFault(one, row)?.text),
    );
    expect(faults).toEqual([
      [undefined, 'is null', 'with the second text of its pair has more than 8 tokens'],
      ['is null', undefined, undefined],
    ]);
  });

  it('is refused by a tokenizer whose template has no place for the second text', async () => {
    const pair =
      '[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]';
    const content = JSON.stringify(JSON.parse(bert.tokenizer)).replace(
      /"pair":\[.*?\](?=,"special_tokens")/,
      `"pair":${pair}`,
    );
    await expect(open(content, 16)).rejects.toMatchObject({
      code: 'TOKENIZER_MISMATCH',
      message: expect.stringContaining('leaves out the second one'),
    });
    await expect(open(bert.tokenizer, 3)).rejects.toMatchObject({
      code: 'TOKENIZER_MISMATCH',
      message: 'maxLength is 3, and the tokenizer adds 3 tokens to each pair',
    });
  });
});
