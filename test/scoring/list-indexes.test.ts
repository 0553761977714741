import type { JobDefinition } from '@shardmill/core';
import { zipMap } from '@shardmill/test-kit';
import { EngineProcess } from '@shardmill/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace('file');
let engine: EngineProcess;
beforeAll(async () => {
  engine = EngineProcess.start();
  await place.writeParquet(
    'data/a.parquet',
    `SELECT i::BIGINT AS id, i::FLOAT AS a, [i, i + 1, i + 2]::FLOAT[] AS list, 't' || i AS t,
       MAP {0: i} AS m, {'x': i} AS s
     FROM range(5) r(i)`,
  );
  await place.write('model.onnx', zipMap());
});
afterAll(() => engine.close());

function run(
  columns: Record<string, string>,
  change: Partial<JobDefinition> = {},
): Promise<Scored> {
  return score(
    place,
    { features: { features: ['a', 'a', 'a'] }, output: { uri: 'out', columns }, ...change },
    { engine, mode: 'overwrite' },
  );
}

/** Elements that a model output with two values per row does not have. */
const NOWHERE = [
  'probabilities[0]',
  'probabilities[3]',
  'probabilities[-3]',
  'probabilities[1 + 2]',
  'probabilities[3::INTEGER]',
  'model.probabilities[3]',
  '"PROBABILITIES"[3]',
  'list_extract(probabilities, 3)',
  'array_extract(probabilities, 3)',
  'list_element(probabilities, 0)',
  'probabilities.list_extract(3)',
  'probabilities[3:]',
  'probabilities[2:1]',
  'list_slice(probabilities, 3, 4)',
  'list_select(probabilities, [1, 3])',
  'probabilities[2:2][2]',
  'list_sort(probabilities)[3]',
  'list_transform(probabilities, x -> x * 2)[3]',
  'all_of_them[3]',
  'if(a > 2, probabilities[1], probabilities[3])',
  "string_split(t, 't')[0]",
  'list[0]',
  '(list::FLOAT[3])[4]',
];

/** That are there, that are not lists, or of which the width is not known. */
const SOMEWHERE = [
  'probabilities[1] + probabilities[-1] + probabilities[-2]',
  'probabilities[1:5]',
  'probabilities[:-2]',
  'probabilities[a::INTEGER]',
  'list[4]',
  'm[0]',
  't[0]',
  "s['x']",
  'list_transform(list, probabilities -> probabilities + 1)[4]',
  "string_split(t, 't')[2]",
  'probabilities[NULL]',
];

describe('an element of a list', () => {
  it.each(NOWHERE)('is refused where no row has it: %s', async (sql) => {
    const columns = { all_of_them: 'probabilities', score: sql };
    await expect(run(columns)).rejects.toMatchObject({
      code: 'INDEX_OUT_OF_RANGE',
      message: expect.stringContaining(sql),
      where: 'output.columns.score',
    });
  });

  it('is accepted where it is there, or may be', async () => {
    const columns = Object.fromEntries(SOMEWHERE.map((sql, index) => [`c${index}`, sql]));
    const { manifest } = await run(columns);
    expect(manifest.rows.scored).toBe(5);
  });

  it('is refused in a feature and in the condition, too', async () => {
    const columns = { id: 'id' };
    await expect(
      run(columns, { features: { features: ['list[0]', 'a', 'a'] } }),
    ).rejects.toMatchObject({
      code: 'INDEX_OUT_OF_RANGE',
      where: 'features.features[0]',
    });
    await expect(
      run(columns, { input: { uri: 'data', where: 'list[0] > 1' } }),
    ).rejects.toMatchObject({ code: 'INDEX_OUT_OF_RANGE', where: 'input.where' });
  });

  it('is said with the elements that there are', async () => {
    await expect(run({ score: 'probabilities[3]' })).rejects.toMatchObject({
      message: '"probabilities[3]" takes element 3 of a list of 2: it is null in every row',
      remedy: 'The elements are 1 to 2, or counted from the end -1 to -2.',
    });
  });
});

describe('a column without a value', () => {
  it('is in the checks of the manifest, unless it is handed on as it is', async () => {
    await place.writeParquet(
      'nulls/a.parquet',
      'SELECT i::BIGINT AS id, i::FLOAT AS a, NULL::INTEGER AS nothing FROM range(5) r(i)',
    );
    const { manifest } = await run(
      {
        nothing: 'nothing',
        lost: 'nullif(probabilities[1], probabilities[1])',
        text: "if(nothing > 0, 'a', NULL)",
        nan: "probabilities[1] + 'nan'::FLOAT",
        some: 'if(a > 2, probabilities[1], NULL)',
      },
      { input: { uri: 'nulls' } },
    );
    expect(manifest.checks).toEqual([
      { check: 'all-null', column: 'lost', rows: 5 },
      { check: 'all-null', column: 'text', rows: 5 },
      { check: 'all-nan', column: 'nan', rows: 5 },
    ]);
    expect((await run({ id: 'id' })).manifest).not.toHaveProperty('checks');
  });
});
