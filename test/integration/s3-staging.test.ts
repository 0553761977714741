import { logisticRegression } from '@shardmill/test-kit';
import { describe, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { useLake } from '../support/lake.js';
import { useLakeRun } from '../support/lake-run.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const lake = useLake(place);
const { lakeJob, prepare } = useLakeRun(place, lake);
const RUN = ['run', 'job.json', '--json'] as const;

describe('staging', () => {
  const GROUP_ROWS = 153_600;

  /** Columns that do not compress, each more than 1 MiB in every one of four row groups. */
  async function wideFile(): Promise<Map<string, { start: number; end: number }[]>> {
    const columns = Array.from({ length: 5 }, (_, i) => `random() AS r${i}`);
    const file = await place.writeParquet(
      'data/wide.parquet',
      `SELECT i::BIGINT AS id, ${columns.join(', ')} FROM range(${4 * GROUP_ROWS}) t(i)`,
      `ROW_GROUP_SIZE ${GROUP_ROWS}`,
    );
    await lake.upload('data/wide.parquet');
    await place.write('model.onnx', logisticRegression({ features: 2 }));
    await lake.upload('model.onnx');
    const chunks = await place.sql(
      `SELECT path_in_schema AS name, row_group_id AS rowGroup,
         coalesce(dictionary_page_offset, data_page_offset) AS start, total_compressed_size AS bytes
       FROM parquet_metadata('${file}') ORDER BY row_group_id`,
    );
    const places = new Map<string, { start: number; end: number }[]>();
    for (const chunk of chunks) {
      const [start, bytes] = [Number(chunk['start']), Number(chunk['bytes'])];
      const name = String(chunk['name']);
      places.set(name, [...(places.get(name) ?? []), { start, end: start + bytes }]);
    }
    return places;
  }

  const bytesOf = (ranges: { start: number; end: number }[]): number =>
    ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const touches = (
    ranges: { start: number; end: number }[],
    chunk: { start: number; end: number } | undefined,
  ): boolean =>
    ranges.some((r) => chunk !== undefined && r.start < chunk.end && chunk.start < r.end);

  test('fetches the columns that are used, each byte once, and no row group that is ruled out', async () => {
    const chunks = await wideFile();
    await place.writeJob({
      ...lakeJob(),
      input: { uri: lake.uri('data'), where: `id >= ${2 * GROUP_ROWS}` },
      features: { features: ['r1', 'r3'] },
      // Parts that are smaller than a row group: several read the same one.
      plan: { partRows: 50_000, shardParts: 20 },
    });
    lake.forget();
    const run = runOf(await place.shardmill(...RUN));
    expect(run.rows).toMatchObject({ read: 4 * GROUP_ROWS, scored: 2 * GROUP_ROWS });
    expect(run.parts).toBeGreaterThan(2);

    const ranges = lake.rangesOf('data/wide.parquet');
    const size = Math.max(...ranges.map(({ end }) => end));
    const tails = ranges.filter(({ end }) => end === size);
    const data = ranges.filter(({ end }) => end < size);
    // The footer: once for the plan, once for the engine's look at it, once for the shard.
    expect(tails).toHaveLength(3);
    const used = ['id', 'r1', 'r3'].flatMap((name) => chunks.get(name)?.slice(2) ?? []);
    const wanted = bytesOf(used);
    expect(bytesOf(data)).toBe(wanted);
    for (const chunk of used) expect(touches(data, chunk)).toBe(true);
    for (const unused of ['r0', 'r2', 'r4']) {
      for (const chunk of chunks.get(unused) ?? []) expect(touches(data, chunk)).toBe(false);
    }
    for (const name of ['id', 'r1', 'r3']) {
      for (const chunk of chunks.get(name)?.slice(0, 2) ?? []) {
        expect(touches(data, chunk)).toBe(false);
      }
    }
    const sorted = data.toSorted((a, b) => a.start - b.start);
    for (const [index, { start }] of sorted.entries()) {
      expect(start).toBeGreaterThanOrEqual(sorted[index - 1]?.end ?? 0);
    }
    const object = lake.uri('data/wide.parquet').slice('s3:/'.length);
    const asked = lake.requests().filter((request) => request.path === object);
    expect(asked.every(({ ifMatch }) => ifMatch !== undefined)).toBe(true);
    const record = await lake.store('out').read(`_shardmill/${run.runId}/shards/000000.json`);
    const { seconds } = JSON.parse(Buffer.from(record ?? []).toString()) as {
      seconds: Record<string, number>;
    };
    expect(seconds['stage']).toBeGreaterThan(0);
  });

  test('asks for no model whose digest is pinned and known', async () => {
    await prepare(100);
    runOf(await place.shardmill(...RUN));
    const manifest = await place.shardmill('inspect', lake.uri('out'), '--json');
    const { sha256 } = (JSON.parse(manifest.stdout) as { manifest: { model: { sha256: string } } })
      .manifest.model;
    await place.writeJob({
      ...lakeJob(),
      model: { uri: lake.uri('model.onnx'), sha256 },
      output: { ...usualJob.output, uri: lake.uri('again') },
    });
    lake.forget();
    runOf(await place.shardmill(...RUN));
    const model = lake.uri('model.onnx').slice('s3:/'.length);
    expect(lake.requests().filter((request) => request.path === model)).toEqual([]);
  });
});
