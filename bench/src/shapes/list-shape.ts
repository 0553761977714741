import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { vectorOutput } from '@shardmill/test-kit';
import { quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import type { Shape } from './shape.js';

const ROWS = 300_000;
const WIDTH = 384;
const OUTPUTS = 64;

/** Embeddings in a list column, and others that are made of them. */
export async function makeListShape(threads: number): Promise<Shape> {
  const model = await workPath(`lists-${WIDTH}-${OUTPUTS}.onnx`);
  await writeFile(model, vectorOutput({ features: WIDTH, width: OUTPUTS, seed: 4 }));
  const data = await workPath(`lists-2-${ROWS}x${WIDTH}.parquet`);
  if (!existsSync(data)) {
    const list = `list_transform(range(${WIDTH}), k -> ((hash(id * 1000 + k) % 2000) / 1000.0 - 1)::FLOAT)`;
    await withDuckDB(threads, (connection) =>
      connection.run(
        `COPY (SELECT id, ${list} AS embedding FROM range(${ROWS}) r(id)) TO ${quoteText(data)} (FORMAT parquet, ROW_GROUP_SIZE 20480)`,
      ),
    );
  }
  return {
    name: `lists (${WIDTH} in, ${OUTPUTS} out)`,
    rows: ROWS,
    data,
    model,
    inputs: [
      { name: 'features', column: 'embedding', sql: 'embedding', type: 'float32', width: WIDTH },
    ],
    outputs: ['embedding'],
    features: { features: { sql: 'embedding', width: WIDTH } },
    columns: { id: 'id', score: 'model.embedding' },
    loop: { columns: ['id'], element: null },
    goals: { loop: 1.2, peakBytes: 700e6 },
  };
}
