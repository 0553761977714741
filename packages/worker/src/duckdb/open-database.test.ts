import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './open-database.js';

let folder = '';
const databases: Database[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-database-'));
});
afterEach(async () => {
  for (const database of databases.splice(0)) database.close();
  await rm(folder, { recursive: true, force: true });
});

/** A database that has to spill what the query below sorts. */
async function open(): Promise<Database> {
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: 48 * 2 ** 20,
    folders: [folder],
    temporaryFolder: folder,
  });
  databases.push(database);
  return database;
}

it('databases that spill into one folder at the same time keep their own rows', async () => {
  const rows = 1_500_000;
  const sorted = await Promise.all(
    [1, 2, 3].map(async (n) => {
      const connection = await (await open()).connect();
      const run = connection.runAndReadAll(
        `SELECT count(*)::INTEGER AS n, sum(i)::DOUBLE AS total, bool_and(text = 'row ' || i) AS whole
         FROM (SELECT i * ${n} AS i, 'row ' || (i * ${n}) AS text FROM range(${rows}) r(i) ORDER BY hash(i), i)`,
      );
      // What is spilled lies there while the query runs.
      let spilled = 0;
      const count = async (): Promise<void> => {
        const names = await readdir(folder).catch(() => []);
        spilled = Math.max(spilled, names.length);
      };
      const look = setInterval(() => void count(), 5);
      try {
        const [row] = (await run).getRowObjects();
        return { row, spilled };
      } finally {
        clearInterval(look);
        connection.closeSync();
      }
    }),
  );
  const sum = (rows * (rows - 1)) / 2;
  expect(sorted.map(({ row }) => row)).toEqual(
    [1, 2, 3].map((n) => ({ n: rows, total: sum * n, whole: true })),
  );
  // Else nothing was shown.
  expect(Math.max(...sorted.map(({ spilled }) => spilled))).toBe(3);
});

describe('a database is locked', () => {
  /** What DuckDB says of a statement. */
  async function failureOf(sql: string): Promise<string> {
    const connection = await (await open()).connect();
    try {
      await connection.run(sql);
      return '';
    } catch (error) {
      return String(error);
    } finally {
      connection.closeSync();
    }
  }

  it.each([
    "SELECT * FROM read_text('/etc/passwd')",
    "COPY (SELECT 1) TO '/tmp/shardmill-elsewhere.csv'",
    "ATTACH '/tmp/shardmill-elsewhere.db'",
  ])('reaches no file but those in its folders: %s', async (sql) => {
    expect(await failureOf(sql)).toContain('Permission Error');
  });

  it('reaches those in its folders', async () => {
    expect(await failureOf(`COPY (SELECT 1 AS x) TO '${folder}/x.parquet'`)).toBe('');
    expect(await failureOf(`SELECT * FROM read_parquet('${folder}/*.parquet')`)).toBe('');
  });

  it.each(["SET memory_limit = '1TB'", "SET temp_directory = '/tmp'", 'RESET threads'])(
    'and keeps its settings: %s',
    async (sql) => {
      expect(await failureOf(sql)).toContain('configuration has been locked');
    },
  );
});
