import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { JobDefinition } from '@shardmill/core';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { echoModel } from '../support/echo-model.js';
import { score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const PYTHON = path.resolve('../node_modules/.shardmill-python/bin/python');
const foundSchema = z.object({
  version: z.int(),
  columns: z.array(z.tuple([z.string(), z.string()])),
  versions: z.array(
    z.object({ rows: z.array(z.record(z.string(), z.unknown())), counted: z.int() }),
  ),
});

// Several runs, and the interpreter each time.
vi.setConfig({ testTimeout: 300_000 });

const place = useWorkplace();

/** What delta-rs finds in the table `out`, after it has changed it. */
async function readTable(...changes: string[]) {
  if (!existsSync(PYTHON)) {
    throw new Error('deltalake is not installed: run npm test, which installs it');
  }
  const script = path.resolve('readers/read_table.py');
  const { stdout } = await promisify(execFile)(PYTHON, [script, place.path('out'), ...changes]);
  return foundSchema.parse(JSON.parse(stdout));
}

/** Its newest version alone: of a table whose log begins with a checkpoint, older ones are gone. */
async function readLatest() {
  const { versions } = await readTable('latest');
  const [latest] = versions;
  if (latest === undefined) throw new Error('delta-rs found no version');
  return latest;
}

const scoresOf = (from: number, to: number, add = 0) =>
  Array.from({ length: to - from }, (_, index) => ({
    id: from + index,
    score: from + index + add,
  }));

async function prepare(): Promise<void> {
  await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
  await place.writeParquet('data/a.parquet', 'SELECT i AS id, i::FLOAT AS f FROM range(10) r(i)');
  await place.writeParquet(
    'data/b.parquet',
    'SELECT i AS id, i::FLOAT AS f FROM range(10, 30) r(i)',
  );
}

const writing = (
  mode: 'append' | 'overwrite',
  columns: Record<string, string> = { id: 'id', score: 'f_out' },
): Partial<JobDefinition> => ({
  features: {},
  output: { uri: 'out', table: 'delta', mode, columns },
  plan: { partRows: 8, shardParts: 2 },
});

describe('delta-rs', () => {
  it('reads what runs append and overwrite, at every version, beside its own commits', async () => {
    await prepare();
    await score(place, { ...writing('append'), input: { uri: 'data/a.parquet' } });
    await score(place, { ...writing('append'), input: { uri: 'data/b.parquet' } });
    const both = scoresOf(0, 30);
    expect(await readTable()).toEqual({
      version: 1,
      columns: [
        ['id', 'int64'],
        ['score', 'float'],
      ],
      versions: [
        { rows: scoresOf(0, 10), counted: 10 },
        { rows: both, counted: 30 },
      ],
    });
    // Deletes a row, makes a checkpoint, appends a row.
    const changed = await readTable('change', 'append');
    expect(changed.version).toBe(3);
    // Of versions before the checkpoint nothing is needed to go on.
    for (const version of [0, 1]) {
      await rm(place.path(`out/_delta_log/${String(version).padStart(20, '0')}.json`));
    }
    const columns = { id: 'id', score: 'f_out + 1' };
    await score(place, { ...writing('append', columns), input: { uri: 'data/a.parquet' } });
    const after = [...both.slice(1), { id: 1000, score: 1.5 }, ...scoresOf(0, 10, 1)];
    // The table is what another job scores.
    const { manifest } = await score(place, {
      features: { f: 'score' },
      input: { uri: 'out' },
      output: { uri: 'again', columns: { id: 'id', score: 'f_out' } },
    });
    expect(manifest.rows.scored).toBe(after.length);
    const again = await place.results('*', 'again');
    expect(again.map(({ id }) => Number(id)).toSorted((a, b) => a - b)).toEqual(
      after.map(({ id }) => id).toSorted((a, b) => a - b),
    );
    await score(place, { ...writing('overwrite'), input: { uri: 'data/b.parquet' } });
    expect((await readLatest()).rows).toEqual(scoresOf(10, 30));
  });

  it('reads a table from the checkpoint that a run wrote, without the commits before it', async () => {
    await prepare();
    const commitOf = (version: number): string =>
      `out/_delta_log/${String(version).padStart(20, '0')}.json`;
    await score(place, { ...writing('append'), input: { uri: 'data/a.parquet' } });
    // As a program does that sets a property of the table.
    const first = await readFile(place.path(commitOf(0)), 'utf8');
    const property = '"configuration":{"delta.checkpointInterval":"1"}';
    await place.write(commitOf(0), first.replace('"configuration":{}', property));
    await score(place, { ...writing('append'), input: { uri: 'data/b.parquet' } });
    for (const version of [0, 1]) await rm(place.path(commitOf(version)));
    expect(await readLatest()).toEqual({ rows: scoresOf(0, 30), counted: 30 });
  });

  it('reads a table by partition, whatever the values, and leaves files out by them', async () => {
    await prepare();
    const PLACES = ['a/b=%', 'NULL', 'é ü', '..', 'a+b&c;d~#?:', '%2F', '"\\'];
    const literal = (text: string): string => `'${text}'`;
    const columns = {
      place: `[${PLACES.map(literal).join(', ')}, NULL][id % 8 + 1]`,
      even: 'id % 2 = 0',
      day: "if(id < 8, NULL, DATE '2026-01-01' + id::INTEGER % 2)",
      number: '-(id % 2)',
    };
    const { output } = writing('append', { id: 'id', ...columns, score: 'f_out' });
    const partitionBy = ['place', 'even', 'day', 'number'];
    const job = { ...writing('append'), output: { uri: 'out', ...output, partitionBy } };
    await score(place, { ...job, input: { uri: 'data/b.parquet' } });
    await score(place, { ...job, input: { uri: 'data/a.parquet' } });
    const row = (id: number) => ({
      id,
      place: PLACES[id % 8] ?? null,
      even: id % 2 === 0,
      day: id < 8 ? null : `2026-01-0${1 + (id % 2)}`,
      number: id % 2 === 0 ? 0 : -1,
      score: id,
    });
    const { columns: found, versions } = await readTable();
    expect(Object.fromEntries(found)).toEqual({
      id: 'int64',
      place: 'string',
      even: 'bool',
      day: 'date32[day]',
      number: 'int64',
      score: 'float',
    });
    expect(versions).toEqual([
      { rows: Array.from({ length: 20 }, (_, index) => row(10 + index)), counted: 20 },
      { rows: Array.from({ length: 30 }, (_, index) => row(index)), counted: 30 },
    ]);
    const again = { ...job.output, mode: 'replace-partitions' as const };
    again.columns = { ...columns, score: 'f_out + 1', id: 'id' };
    await score(place, {
      ...job,
      input: { uri: 'data/b.parquet', where: 'id < 12' },
      output: again,
    });
    // Of the partitions that it has rows in, all others are gone.
    const [ofTen, ofEleven] = [row(10), row(11)];
    const isReplaced = ({ place, even, day }: typeof ofTen): boolean =>
      [ofTen, ofEleven].some((r) => r.place === place && r.even === even && r.day === day);
    const kept = Array.from({ length: 30 }, (_, index) => row(index)).filter((r) => !isReplaced(r));
    expect(kept).toHaveLength(24);
    const fresh = [ofTen, ofEleven].map((r) => ({ ...r, score: r.score + 1 }));
    const byId = (a: { id: number }, b: { id: number }): number => a.id - b.id;
    const latest = await readLatest();
    expect(latest.rows).toEqual([...kept, ...fresh].toSorted(byId));
    const { manifest } = await score(place, {
      features: { f: 'score' },
      input: { uri: 'out', where: "place = 'a/b=%' AND even" },
      output: { uri: 'again', columns: { id: 'id', day: 'day', score: 'f_out' } },
    });
    expect(manifest.rows).toMatchObject({ scored: 4, filtered: 22 });
  });

  it('reads every type that a table can have', async () => {
    await prepare();
    await score(place, {
      ...writing('append', {
        id: 'id',
        tiny: 'id::TINYINT',
        small: 'id::SMALLINT',
        int: 'id::INTEGER',
        amount: '(id / 4)::DECIMAL(20,2)',
        flag: 'id % 2 = 0',
        name: "if(id = 3, NULL, 'n' || id)",
        bytes: "'ab'::BLOB",
        day: "DATE '2026-01-31'",
        local: "TIMESTAMP '2026-01-31 05:00:00.000001'",
        at: "TIMESTAMPTZ '2026-01-31 05:00:00Z'",
        list: '[f_out, NULL]',
        inside: "{'a': id, 'b': [name]}",
        pairs: "MAP {'k': id}",
      }),
      input: { uri: 'data/a.parquet' },
    });
    const { columns, versions } = await readTable();
    expect(Object.fromEntries(columns)).toMatchObject({
      tiny: 'int8',
      small: 'int16',
      int: 'int32',
      amount: 'decimal128(20, 2)',
      flag: 'bool',
      day: 'date32[day]',
      local: 'timestamp[us]',
      at: 'timestamp[us, tz=UTC]',
    });
    expect(versions[0]?.rows[3]).toMatchObject({
      id: 3,
      amount: '0.75',
      flag: false,
      name: null,
      day: '2026-01-31',
      local: '2026-01-31 05:00:00.000001',
      at: '2026-01-31 05:00:00+00:00',
      list: [3, null],
      inside: { a: 3, b: [null] },
      pairs: [['k', 3]],
    });
  });
});
