import { readFile } from 'node:fs/promises';
import type { JobDefinition } from '@shardmill/core';
import { encodePng, plainPicture } from '@shardmill/test-kit';
import { EngineProcess } from '@shardmill/worker';
import { describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { score, type Scored, type ScoreOptions } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** The picture of row `i`: 2 x 2 pixels of one colour, which is its number. */
const pictureOf = (i: number): Buffer => encodePng(plainPicture(2, [i % 256, i >> 8, 7]));
const literal = (bytes: Uint8Array): string => `from_hex('${Buffer.from(bytes).toString('hex')}')`;

/** Rows whose `photo` is as given, or as a function of the row's number says. */
async function writePhotos(rows: readonly (Uint8Array | null)[], options = ''): Promise<void> {
  const values = rows.map((photo, id) => `(${id}, ${photo === null ? 'NULL' : literal(photo)})`);
  await place.writeParquet(
    'data/a.parquet',
    `SELECT * FROM (VALUES ${values.join(', ')}) AS rows(id, photo)`,
    options,
  );
}

type Tensor = Parameters<typeof echoModel>[0][string];

/** Scores them with a model that gives back what it gets. */
async function echo(
  tensor: Tensor,
  image: Readonly<Record<string, unknown>>,
  change: Partial<JobDefinition> = {},
  options: ScoreOptions = {},
): Promise<Scored> {
  await place.write('model.onnx', echoModel({ x: tensor }));
  const job: Partial<JobDefinition> = {
    features: { x: { image: 'photo', ...image } },
    output: { uri: 'out', columns: { id: 'id', x: 'x_out' } },
    errors: { maxRejectedRows: '100%' },
    ...change,
  };
  return score(place, job, options);
}

const reasons = (): Promise<Record<string, unknown>[]> =>
  place.sql(
    `SELECT id, _reason FROM read_parquet('${place.path('out')}/_shardmill/*/rejected/*') ORDER BY id`,
  );

describe('images in a column', () => {
  it('keep their rows, over chunks, batches, parts and lanes, beside rows without an image', async () => {
    const rows = Array.from({ length: 2500 }, (_, i) =>
      i % 10 === 3 ? null : i % 17 === 5 ? pictureOf(i).subarray(0, 40) : pictureOf(i),
    );
    await writePhotos(rows, 'ROW_GROUP_SIZE 2048');
    const { manifest } = await echo(
      ['float32', 3, 2, 2],
      { rescale: 1 },
      { plan: { partRows: 900 }, input: { uri: 'data', where: 'id % 7 <> 0' } },
      { lanes: 2, batchRows: 37 },
    );
    const kept = rows.map((photo, id) => ({ photo, id })).filter(({ id }) => id % 7 !== 0);
    const scored = kept.filter(({ photo }) => photo !== null && photo.length > 40);
    expect(manifest.rows).toEqual({
      read: 2500,
      scored: scored.length,
      rejected: kept.length - scored.length,
      filtered: 2500 - kept.length,
    });
    const [wrong] = await place.sql(
      `SELECT count(*) FILTER (x[1] <> id % 256 OR x[4] <> id % 256 OR x[5] <> id // 256 OR x[12] <> 7) AS n,
              count(DISTINCT id) AS ids FROM read_parquet('${place.path('out')}/*.parquet')`,
    );
    expect(wrong).toEqual({ n: 0, ids: scored.length });
    const found = await reasons();
    expect(found[0]).toEqual({ id: 3, _reason: 'feature x: "photo" is null' });
    expect(found[1]).toMatchObject({
      id: 5,
      _reason: expect.stringMatching(/^feature x: "photo" is a damaged PNG: /),
    });
  });

  it.each([
    ['float32', 'NHWC', { mean: [0, 1, 2], std: 2, rescale: 1 }, [100, 9, 2.5]],
    ['float16', 'NHWC', { mean: [0, 1, 2], std: 2, rescale: 1 }, [100, 9, 2.5]],
    ['uint8', 'NHWC', {}, [200, 19, 7]],
    ['float32', 'NHWC', { rescale: 1, channels: 'BGR' }, [7, 19, 200]],
  ] as const)('fill %s in %s with %j', async (type, layout, options, expected) => {
    await writePhotos([encodePng(plainPicture(4, [200, 19, 7]))]);
    await echo([type, 2, 2, 3], { layout, resize: 2, crop: 2, ...options });
    const [row] = await place.sql(
      `SELECT x[1]::FLOAT AS a, x[2]::FLOAT AS b, x[12]::FLOAT AS c FROM read_parquet('${place.path('out')}/*.parquet')`,
    );
    expect(Object.values(row ?? {})).toEqual(expected);
  });

  it('are null where the job forbids that, whatever nulls may be elsewhere', async () => {
    await writePhotos([null, pictureOf(1)]);
    const { manifest } = await echo(['float32', 3, 2, 2], {}, { nulls: 'nan' });
    expect(manifest.rows).toMatchObject({ scored: 1, rejected: 1 });
    const failing = echo(
      ['float32', 3, 2, 2],
      {},
      { nulls: 'fail', output: { uri: 'other', columns: { id: 'id' } } },
    );
    await expect(failing).rejects.toMatchObject({ code: 'NULL_FEATURE' });
  });
});

describe('images that lie elsewhere', () => {
  it('are fetched below the place that the job names, and nowhere else', async () => {
    await place.write('photos/a/1.png', pictureOf(1));
    await place.write('photos/2.png', pictureOf(2));
    await place.write('secret.png', pictureOf(3));
    const names = ['a/1.png', place.path('photos/2.png'), '../secret.png', 'none.png', ''];
    const values = names.map((name, id) => `(${id}, '${name}')`).join(', ');
    await place.writeParquet('data/a.parquet', `SELECT * FROM (VALUES ${values}) AS r(id, photo)`);
    const { manifest } = await echo(['float32', 3, 2, 2], { from: 'photos', rescale: 1 });
    expect(manifest.rows).toMatchObject({ scored: 2, rejected: 3 });
    const scored = await place.sql(
      `SELECT id, x[1]::INTEGER AS x FROM read_parquet('${place.path('out')}/*.parquet') ORDER BY id`,
    );
    expect(scored).toEqual([
      { id: 0, x: 1 },
      { id: 1, x: 2 },
    ]);
    const reject = 'feature x: "photo"';
    expect(await reasons()).toEqual([
      {
        id: 2,
        _reason: `${reject} LOCATION_FORBIDDEN: it lies outside of ${place.path('photos')}`,
      },
      { id: 3, _reason: `${reject} names no file` },
      { id: 4, _reason: `${reject} names a folder, not a file` },
    ]);
  });
});

it('only a run with images loads the library that decodes them', async () => {
  const engine = EngineProcess.start();
  const loaded = async (): Promise<boolean> =>
    (await readFile(`/proc/${engine.pid}/maps`, 'utf8')).includes('libvips');
  try {
    await place.prepare({ rows: 10 });
    await score(place, { output: { uri: 'plain', columns: { s: 'score' } } }, { engine });
    expect(await loaded()).toBe(false);
    await writePhotos([pictureOf(1)]);
    await echo(['float32', 3, 2, 2], {}, {}, { engine });
    expect(await loaded()).toBe(true);
  } finally {
    await engine.close();
  }
});
