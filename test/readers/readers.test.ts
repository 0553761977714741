import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const PYTHON = path.resolve('../node_modules/.shardmill-python/bin/python');
type Rows = readonly Record<string, unknown>[];

const place = useWorkplace();

/** What each reader of Python finds in the output folder, by the form in which it is asked. */
async function readers(
  kind: 'plain' | 'partitions' = 'plain',
): Promise<Record<string, Record<string, Rows | { error: string }>>> {
  if (!existsSync(PYTHON)) {
    throw new Error(
      'the Parquet readers of Python are not installed: run npm test, which installs them',
    );
  }
  const script = path.resolve('readers/read_results.py');
  const { stdout } = await promisify(execFile)(PYTHON, [script, place.path('out'), kind], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

/** Forms that a reader refuses, as documented. */
const REFUSED: Record<string, string> = {
  // A folder with files of other names is refused: _SUCCESS is one.
  'polars: the folder': 'directory contained paths with different file extensions',
};

async function expectEachReader(rows: Rows): Promise<void> {
  for (const [reader, forms] of Object.entries(await readers())) {
    for (const [form, found] of Object.entries(forms)) {
      const name = `${reader}: ${form}`;
      const refusal = REFUSED[name];
      if (refusal === undefined) expect(found, name).toEqual(rows);
      else expect(found, name).toEqual({ error: expect.stringContaining(refusal) });
    }
  }
}

/** Some readers give a map as a dictionary, some as pairs. */
function withPairs(row: Record<string, unknown>): Record<string, unknown> {
  const { pairs } = row;
  const isDictionary = typeof pairs === 'object' && pairs !== null && !Array.isArray(pairs);
  return isDictionary ? { ...row, pairs: Object.entries(pairs) } : row;
}

describe('readers of Python', () => {
  it('find the results and nothing else, where rows were rejected', async () => {
    await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
    await place.writeParquet(
      'data/a.parquet',
      'SELECT i AS id, if(i % 10 = 3, NULL, i::FLOAT) AS f FROM range(100) r(i)',
    );
    const { manifest } = await score(place, {
      features: {},
      errors: { maxRejectedRows: 10 },
      output: { uri: 'out', columns: { id: 'id', score: 'f_out' } },
    });
    expect(manifest.rows).toMatchObject({ scored: 90, rejected: 10 });
    const scored = Array.from({ length: 100 }, (_, id) => ({ id, score: id }));
    await expectEachReader(scored.filter(({ id }) => id % 10 !== 3));
  });

  it('read every type that an output can have, nested, null and empty', async () => {
    await place.write('model.onnx', echoModel({ v: ['float32', 3] }));
    await place.writeParquet(
      'data/a.parquet',
      `SELECT * FROM (VALUES
        (0, [1, 2, 3]::FLOAT[], 'a', 1.25::DECIMAL(9,2), DATE '2026-01-31'),
        (1, NULL, NULL, NULL, NULL),
        (2, [4, 5, 6]::FLOAT[], '', -1::DECIMAL(9,2), DATE '1969-12-31')
       ) t(id, v, text, amount, day)`,
    );
    await score(place, {
      features: { v: 'coalesce(v, [0, 0, 0])' },
      output: {
        uri: 'out',
        columns: {
          id: 'id',
          array: 'v::FLOAT[3]',
          scores: 'v_out',
          nested: '[v::FLOAT[3], NULL]',
          inside: "{'a': v::FLOAT[3], 'b': text}",
          empty: 'if(id = 0, []::INTEGER[], [id, NULL])',
          pairs: "map(['k'], [v::FLOAT[3]])",
          text: 'text',
          amount: 'amount::DOUBLE',
          day: 'day::VARCHAR',
          flag: 'id > 0',
        },
      },
    });
    const row = (
      id: number,
      v: number[] | null,
      more: { text: string | null; amount: number | null; day: string | null },
    ) => ({
      id,
      array: v,
      scores: v ?? [0, 0, 0],
      nested: [v, null],
      inside: { a: v, b: more.text },
      empty: id === 0 ? [] : [id, null],
      pairs: [['k', v]],
      ...more,
      flag: id > 0,
    });
    const found = await readers();
    const rows = [
      row(0, [1, 2, 3], { text: 'a', amount: 1.25, day: '2026-01-31' }),
      row(1, null, { text: null, amount: null, day: null }),
      row(2, [4, 5, 6], { text: '', amount: -1, day: '1969-12-31' }),
    ];
    for (const [reader, forms] of Object.entries(found)) {
      for (const [form, got] of Object.entries(forms)) {
        const name = `${reader}: ${form}`;
        if (REFUSED[name] !== undefined) continue;
        expect(Array.isArray(got) ? got.map(withPairs) : got, name).toEqual(rows);
      }
    }
  });

  it('find the values of partitions in folders', async () => {
    await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
    await place.writeParquet(
      'data/a.parquet',
      "SELECT i AS id, i::FLOAT AS f, ['a/b=%', 'é', ' NULL', NULL, '01'][i + 1] AS p FROM range(5) r(i)",
    );
    await score(place, {
      features: {},
      output: {
        uri: 'out',
        partitionBy: ['p'],
        columns: { id: 'id', p: 'ltrim(p)', score: 'f_out' },
      },
    });
    const values = ['a/b=%', 'é', 'NULL', null, '01'];
    const rows = values.map((p, id) => ({ id, p, score: id }));
    const { partitions } = await readers('partitions');
    const all = Object.fromEntries(Object.keys(partitions ?? {}).map((form) => [form, rows]));
    expect(Object.keys(all)).toEqual(['pyarrow', 'pandas', 'polars', 'duckdb']);
    expect(partitions).toEqual(all);
  });

  it('meet no file that ends as a result does and is none', async () => {
    await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
    await place.writeParquet(
      'data/a.parquet',
      'SELECT i AS id, if(i % 2 = 0, NULL, i::FLOAT) AS f FROM range(10) r(i)',
    );
    await score(place, {
      features: {},
      errors: { maxRejectedRows: 10 },
      output: { uri: 'out', columns: { id: 'id', score: 'f_out' } },
    });
    const names = await readdir(place.path('out'), { recursive: true });
    const parquet = names.filter((name) => name.endsWith('.parquet'));
    expect(parquet).toEqual([expect.stringMatching(/^part-[^/]+\.parquet$/)]);
  });
});
