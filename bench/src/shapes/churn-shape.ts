import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import type { Shape } from './shape.js';

/** The demo's customers, repeated. */
const REPEATS = 142;
const CHURN = fileURLToPath(new URL('../../../jobs/churn/', import.meta.url));
const NUMBERS = ['senior_citizen', 'tenure', 'monthly_charges', 'total_charges'];

/** Categories as texts: each is encoded by itself. */
export async function makeChurnShape(threads: number): Promise<Shape> {
  const customers = quoteText(`${CHURN}customers.parquet`);
  const data = await workPath(`churn-${REPEATS}.parquet`);
  const { rows, inputs } = await withDuckDB(threads, async (connection) => {
    if (!existsSync(data)) {
      await connection.run(
        `COPY (SELECT c.* FROM read_parquet(${customers}) c, range(${REPEATS})) TO ${quoteText(data)} (FORMAT parquet)`,
      );
    }
    const columns = await queryRows(connection, `DESCRIBE FROM read_parquet(${customers})`);
    const [count] = await queryRows(connection, `SELECT count(*) FROM ${quoteText(data)}`);
    const named = columns.map(([name]) => String(name)).filter((name) => name !== 'customer_id');
    return { rows: Number(count?.[0]), inputs: named };
  });
  return {
    name: 'texts (churn demo)',
    rows,
    data,
    model: `${CHURN}model.onnx`,
    inputs: inputs.map((name) => ({
      name,
      column: name,
      sql: NUMBERS.includes(name) ? `coalesce(${name}, 0)` : name,
      type: NUMBERS.includes(name) ? 'float32' : 'string',
      width: 1,
    })),
    outputs: ['probabilities'],
    features: { total_charges: 'coalesce(total_charges, 0)' },
    columns: { customer_id: 'customer_id', score: 'probabilities[2]' },
    loop: { columns: ['customer_id'], element: 1 },
    goals: { runtime: 1.5, loop: 3 },
  };
}
