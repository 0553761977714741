import { f32, i32, type Local, v128 } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';
import { transposeFour } from './transpose-four.js';

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
