import { Tokenizer } from '@anush008/tokenizers';
import { expect, it } from 'vitest';
import { recordedTexts, recordedTokens } from '../testing/recorded-texts.js';
import { TextTokenizer } from './text-tokenizer.js';
import { vocabularyOf } from './tokenizer-vocabulary.js';

const RULES = { maxLength: 4096, tooLong: 'truncate' } as const;

it.each(Object.entries(recordedTokens))(
  'the ids of texts in many scripts are those of Python: %s',
  async (_kind, { tokenizer: content, rows }) => {
    const file = { uri: 'tokenizer.json', sha256: '', bytes: 0, content };
    const tokenizer = await TextTokenizer.open(file, RULES);
    const { ids, offsets } = await tokenizer.encode(recordedTexts);
    const found = recordedTexts.map((_text, row) =>
      ids.subarray(offsets[row], offsets[row + 1]).join(' '),
    );
    expect(found).toEqual(rows);
    expect(recordedTexts).toHaveLength(26);
  },
);

it('the vocabulary is that of the library where a token has a NUL in it, which the library does not give', () => {
  const unreadable = {
    getVocab: (): never => {
      throw new Error('nul byte found in provided data');
    },
  };
  for (const { tokenizer: content } of Object.values(recordedTokens)) {
    const plain = content.replaceAll(String.raw`\u0000`, 'NUL');
    const library = Tokenizer.fromString(plain).getVocab(true);
    expect(vocabularyOf(unreadable, plain)).toEqual(library);
  }
});
