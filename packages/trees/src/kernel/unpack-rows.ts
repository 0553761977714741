import { f32, i32, type Local, v128 } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';

/** Rows as a tensor has them, and the columns that they become. */
export interface RowMemory {
  /** Address of the rows, one behind the other. */
  readonly rows: number;
  /** Values of a row. */
  readonly width: number;
  readonly columns: readonly { readonly feature: number; readonly address: number }[];
}

/**
 * A function that writes row-major values of a block into its columns. Parameters: the address in
 * each column where the block begins, relative to the column's, and how many rows there are; a
 * multiple of four is read.
 */
export function unpackRows({ rows, width, columns }: RowMemory): FunctionBody {
  const body = new FunctionBody(2);
  const [block, count] = body.parameters as [Local, Local];
  const [row, out, end] = body.locals(3, 'i32') as [Local, Local, Local];
  const rowBytes = 4 * width;
  body.set(row, 0);
  body.set(out, block);
  body.set(end, i32.add(block, i32.shiftLeft(count, 2)));
  const four = body.locals(4, 'v128');
  const pairs = body.locals(4, 'v128');
  body.loop(
    () => {
      for (let i = 0; i < columns.length; ) {
        const [first, last] = [columns[i], columns[i + 3]];
        if (first === undefined) break;
        if (last?.feature === first.feature + 3) {
          for (const [k, vector] of four.entries()) {
            body.set(vector, v128.load(row, rows + k * rowBytes + 4 * first.feature));
          }
          transposeFour(body, four, pairs);
          for (const [k, vector] of four.entries()) {
            body.run(v128.store(out, vector, columns[i + k]?.address ?? 0));
          }
          i += 4;
          continue;
        }
        for (let k = 0; k < 4; k++) {
          const value = f32.load(row, rows + k * rowBytes + 4 * first.feature);
          body.run(f32.store(out, value, first.address + 4 * k));
        }
        i++;
      }
      body.add(row, 4 * rowBytes);
      body.add(out, 16);
    },
    i32.lessUnsigned(out, end),
  );
  return body;
}

/** Makes columns of four rows of four values. */
function transposeFour(body: FunctionBody, four: readonly Local[], pairs: readonly Local[]): void {
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
