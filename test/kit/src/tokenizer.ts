/** The tokens that are no words, by their ids from 0 on. */
const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];

/**
 * A tokenizer.json of the WordPiece kind, as those of BERT and MiniLM are: texts in lower case,
 * divided at spaces and punctuation, between [CLS] (2) and [SEP] (3); of a pair, the second text and
 * its [SEP] are of type 1. Words that it does not know are
 * put together of pieces, or [UNK] (1).
 * @param pieces words and, after ##, their continuations; their ids begin at 4.
 */
export function wordPieceTokenizer(pieces: readonly string[]): string {
  const vocabulary = [...SPECIAL, ...pieces];
  const special = (id: string, type_id = 0): object => ({ SpecialToken: { id, type_id } });
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
      pair: [
        special('[CLS]'),
        { Sequence: { id: 'A', type_id: 0 } },
        special('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
        special('[SEP]', 1),
      ],
      special_tokens: Object.fromEntries(
        [2, 3].map((id) => [SPECIAL[id], { id: SPECIAL[id], ids: [id], tokens: [SPECIAL[id]] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
    },
  });
}
