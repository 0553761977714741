import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../duckdb/open-database.js';
import { quotePath } from '../duckdb/quote.js';
import { scoringOf } from '../testing/part-writers.js';
import { findDamage } from './find-damage.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-find-damage-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('calls a link that leads out of the input’s folders by its name, and not damage', async () => {
  const [data, elsewhere] = [path.join(folder, 'data'), path.join(folder, 'elsewhere')];
  await Promise.all([mkdir(data), mkdir(elsewhere)]);
  const [link, target] = [path.join(data, 'a.parquet'), path.join(elsewhere, 'b.parquet')];
  await symlink(target, link);
  const writer = await openDatabase({
    threads: 1,
    memoryLimitBytes: 2 ** 27,
    folders: [elsewhere],
  });
  const connection = await writer.connect();
  await connection.run(
    `COPY (SELECT 1 AS id, 1::FLOAT AS a, 1::FLOAT AS b, 1::FLOAT AS c) TO ${quotePath(target)} (FORMAT parquet)`,
  );
  writer.close();
  const part = {
    part: 0,
    rows: 1,
    slices: [{ file: 0, firstRow: 0, rows: 1, firstRowGroup: 0, rowGroups: 1 }],
  };
  const file = { uri: link, bytes: 0, etag: '', rows: 1, layout: 0, partition: [] };
  const damage = await findDamage({
    scoring: scoringOf({ model: 'trees', inputs: [], outputs: [], features: [], columns: {} }),
    shard: { shard: 0, rows: 1, files: [file], parts: [part] },
    part,
    pathOf: (uri) => uri,
    openDatabase: () => openDatabase({ threads: 1, memoryLimitBytes: 2 ** 27, folders: [data] }),
  });
  expect(damage?.error).toMatchObject({
    code: 'INPUT_UNREADABLE',
    where: link,
    message: expect.stringContaining(`by a symbolic link to ${target}`),
    remedy: expect.stringContaining('Name that file or its folder as an input'),
  });
});
