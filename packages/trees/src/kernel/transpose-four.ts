import { type Local, v128 } from '../wasm/expressions.js';
import type { FunctionBody } from '../wasm/function-body.js';

/** Makes columns of four rows of four values, or rows of columns. @param pairs four locals to work with */
export function transposeFour(
  body: FunctionBody,
  four: readonly Local[],
  pairs: readonly Local[],
): void {
  const [a, b, c, d] = four as [Local, Local, Local, Local];
  const [p, q, r, s] = pairs as [Local, Local, Local, Local];
  body.set(p, v128.shuffleWords(a, b, [0, 4, 1, 5]));
  body.set(q, v128.shuffleWords(a, b, [2, 6, 3, 7]));
  body.set(r, v128.shuffleWords(c, d, [0, 4, 1, 5]));
  body.set(s, v128.shuffleWords(c, d, [2, 6, 3, 7]));
  body.set(a, v128.shuffleWords(p, r, [0, 1, 4, 5]));
  body.set(b, v128.shuffleWords(p, r, [2, 3, 6, 7]));
  body.set(c, v128.shuffleWords(q, s, [0, 1, 4, 5]));
  body.set(d, v128.shuffleWords(q, s, [2, 3, 6, 7]));
}
