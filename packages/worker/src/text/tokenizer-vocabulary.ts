import type { Tokenizer } from '@anush008/tokenizers';
import { get } from '../sql/parse-expression.js';

/** Ids by their tokens, those included that were added to the model's. */
export function vocabularyOf(
  tokenizer: Pick<Tokenizer, 'getVocab'>,
  content: string,
): Readonly<Record<string, number>> {
  try {
    return tokenizer.getVocab(true);
  } catch {
    // The library cannot hand over a token that has a NUL in it, as of multilingual models.
    return vocabularyInFile(JSON.parse(content));
  }
}

/** WordPiece, BPE and WordLevel have an object of ids, Unigram a list of tokens with their scores. */
function vocabularyInFile(file: unknown): Record<string, number> {
  const vocabulary = get(get(file, 'model'), 'vocab');
  const model: [string, unknown][] = Array.isArray(vocabulary)
    ? vocabulary.map((entry: unknown, id) => [String(get(entry, '0')), id])
    : Object.entries(Object(vocabulary));
  const addedTokens = get(file, 'added_tokens');
  const added: [string, unknown][] = (Array.isArray(addedTokens) ? addedTokens : []).map(
    (token: unknown) => [String(get(token, 'content')), get(token, 'id')],
  );
  return Object.fromEntries(
    [...model, ...added].flatMap(([token, id]) => (typeof id === 'number' ? [[token, id]] : [])),
  );
}
