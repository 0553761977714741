import { i32, type Local, v128 } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';
import { transposeFour } from './transpose-four.js';

/** Columns of float32, and where the rows go that they become. */
interface PackMemory {
  readonly columns: readonly number[];
  /** Address of the rows, one behind the other; with room for a multiple of four. */
  readonly rows: number;
}

/**
 * A function that writes four columns or more as row-major values. Its parameter is the number of rows,
 * which are written four at a time. The last four columns may overlap with those before them.
 */
export function packRows({ columns, rows }: PackMemory): FunctionBody {
  const body = new FunctionBody(1);
  const [count] = body.parameters as [Local];
  const rowBytes = 4 * columns.length;
  const [offset, out, end] = body.locals(3, 'i32') as [Local, Local, Local];
  body.set(offset, 0);
  body.set(out, rows);
  body.set(end, i32.shiftLeft(count, 2));
  const four = body.locals(4, 'v128');
  const pairs = body.locals(4, 'v128');
  body.loop(
    () => {
      for (let i = 0; i < columns.length; i += 4) {
        const first = Math.min(i, columns.length - 4);
        for (const [k, vector] of four.entries()) {
          body.set(vector, v128.load(offset, columns[first + k]));
        }
        transposeFour(body, four, pairs);
        for (const [k, vector] of four.entries()) {
          body.run(v128.store(out, vector, k * rowBytes + 4 * first));
        }
      }
      body.add(offset, 16);
      body.add(out, 4 * rowBytes);
    },
    i32.lessUnsigned(offset, end),
  );
  return body;
}
