import { copyFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { runOf } from '../support/command.js';
import { useLake } from '../support/lake.js';
import { inRepository } from '../support/repository.js';
import { useWorkplace } from '../support/workplace.js';

// Features that need more than columns find it in S3: a tokenizer, and images behind their locations.

// Each test has two runs.
vi.setConfig({ testTimeout: 120_000 });

const place = useWorkplace();
const lake = useLake(place);

const copyJobFile = (job: string, name: string): Promise<void> =>
  copyFile(inRepository('jobs', job, name), place.path(name));

test('texts are tokenized by a tokenizer in S3 as by one beside the job', async () => {
  for (const name of ['tickets.parquet', 'model.onnx', 'tokenizer.json']) {
    await copyJobFile('embed', name);
    await lake.upload(name);
  }
  const embed = async (at: (name: string) => string, out: string) => {
    await place.writeJob({
      input: { uri: at('tickets.parquet') },
      model: { uri: at('model.onnx') },
      features: {
        input_ids: { tokenize: 'body', tokenizer: at('tokenizer.json'), maxLength: 32 },
      },
      output: {
        uri: out,
        columns: { id: 'ticket_id', v: 'l2_normalize(mean_pool(last_hidden_state))' },
      },
    });
    return runOf(await place.shardmill('run', 'job.json', '--json')).rows.scored;
  };
  const scored = await embed((name) => `./${name}`, 'local');
  expect(scored).toBeGreaterThan(0);
  expect(await embed((name) => lake.uri(name), 'remote')).toBe(scored);
  const rows = (folder: string) => place.results('id, v::VARCHAR AS v', folder);
  expect(new Set((await rows('remote')).map((row) => JSON.stringify(row)))).toEqual(
    new Set((await rows('local')).map((row) => JSON.stringify(row))),
  );
});

test('images are fetched from S3 by the locations in a column, and only from there', async () => {
  for (const name of ['photos.parquet', 'model.onnx']) await copyJobFile('images', name);
  const photos = await place.sql(
    `SELECT id, hex(photo) AS photo FROM '${place.path('photos.parquet')}' WHERE photo IS NOT NULL ORDER BY id LIMIT 12`,
  );
  for (const { id, photo } of photos) {
    await lake.write(`photos/${String(id)}.img`, Buffer.from(String(photo), 'hex'));
  }
  await lake.write('elsewhere.img', Buffer.from(String(photos[0]?.['photo']), 'hex'));
  const name = `CASE id WHEN ${Number(photos[0]?.['id'])} THEN '../elsewhere.img' ELSE id || '.img' END`;
  await place.writeParquet(
    'data/a.parquet',
    `SELECT id, photo, ${name} AS name FROM '${place.path('photos.parquet')}' WHERE photo IS NOT NULL ORDER BY id LIMIT 12`,
  );
  const image = { resize: 36, crop: 32, mean: 0.5, std: 0.5 };
  const score = async (source: { image: string; from?: string }, out: string) => {
    await place.writeJob({
      features: { pixel_values: { ...source, ...image } },
      output: { uri: out, columns: { id: 'id', p: 'probabilities' } },
      errors: { maxRejectedRows: 1 },
    });
    return runOf(await place.shardmill('run', 'job.json', '--json')).rows;
  };
  const bytes = await score({ image: 'photo' }, 'bytes');
  expect(bytes).toEqual({ read: 12, scored: 12, rejected: 0, filtered: 0 });
  const fetched = await score({ image: 'name', from: lake.uri('photos') }, 'fetched');
  expect(fetched).toEqual({ read: 12, scored: 11, rejected: 1, filtered: 0 });
  const rows = async (folder: string) =>
    (await place.results('id, p::VARCHAR AS p', folder)).map((row) => JSON.stringify(row));
  const [all, some] = [await rows('bytes'), await rows('fetched')];
  expect(all).toEqual(expect.arrayContaining(some));
});
