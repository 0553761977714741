import { f32, i32, type Local, v128 } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';

/** Rows as a tensor has them, and the columns that they become. */
interface RowMemory {
  /** Address of the rows, one behind the other. */
  readonly rows: number;
  readonly columns: readonly { readonly feature: number; readonly address: number }[];
}

/**
 * A function that writes row-major values into columns. Parameters: the byte offset of the first
 * row in each column, the number of rows, and the bytes of one. Rows are read four at a time.
 */
export function unpackRows({ rows, columns }: RowMemory): FunctionBody {
  const body = new FunctionBody(3);
  const [first, count, rowBytes] = body.parameters as [Local, Local, Local];
  const [out, end] = body.locals(2, 'i32') as [Local, Local];
  const row = body.locals(4, 'i32');
  for (const [k, address] of row.entries()) {
    body.set(address, k === 0 ? rows : i32.add(row[k - 1] ?? rows, rowBytes));
  }
  body.set(out, first);
  body.set(end, i32.add(first, i32.shiftLeft(count, 2)));
  const four = body.locals(4, 'v128');
  const pairs = body.locals(4, 'v128');
  body.loop(
    () => {
      for (let i = 0; i < columns.length; ) {
        const [column, last] = [columns[i], columns[i + 3]];
        if (column === undefined) break;
        if (last?.feature === column.feature + 3) {
          for (const [k, vector] of four.entries()) {
            body.set(vector, v128.load(row[k] ?? rows, 4 * column.feature));
          }
          transposeFour(body, four, pairs);
          for (const [k, vector] of four.entries()) {
            body.run(v128.store(out, vector, columns[i + k]?.address ?? 0));
          }
          i += 4;
          continue;
        }
        for (const [k, address] of row.entries()) {
          const value = f32.load(address, 4 * column.feature);
          body.run(f32.store(out, value, column.address + 4 * k));
        }
        i++;
      }
      for (const address of row) body.add(address, i32.shiftLeft(rowBytes, 2));
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
