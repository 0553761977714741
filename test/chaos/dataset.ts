import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { JobDefinition } from '@shardmill/core';
import { slow } from '@shardmill/test-kit';
import type { Workplace } from '../support/workplace.js';

export interface StormDataset {
  readonly scored: ReadonlySet<number>;
  readonly rejected: ReadonlySet<number>;
  readonly filteredRows: number;
  readonly shards: number;
}

const ROWS_PER_GROUP = 2048;
/** The files have this many row groups in turn, so that parts cross no file and shards differ. */
const GROUPS = [1, 7, 3, 5];

/**
 * Rows in files of different sizes: every 11th row is filtered out, every 97th has a null feature
 * and is rejected. Of the row groups that are left, each is one shard of one part.
 */
export async function storeDataset(
  place: Workplace,
  client: S3Client,
  bucket: string,
  options: { readonly shards: number; readonly iterations: number },
): Promise<StormDataset> {
  const scored = new Set<number>();
  const rejected = new Set<number>();
  let filteredRows = 0;
  let first = 0;
  let shards = 0;
  for (let file = 0; shards < options.shards; file++) {
    const groups = Math.min(GROUPS[file % GROUPS.length] ?? 1, options.shards - shards);
    const rows = groups * ROWS_PER_GROUP - (file % 3);
    const name = await place.writeParquet(
      `in/${String(file).padStart(4, '0')}.parquet`,
      `SELECT (${first} + i)::BIGINT AS id, if((${first} + i) % 97 = 0, NULL, sin(${first} + i))::FLOAT AS x,
         'row ' || i AS text FROM range(${rows}) r(i)`,
      `ROW_GROUP_SIZE ${ROWS_PER_GROUP}, COMPRESSION snappy`,
    );
    await upload(client, bucket, `in/${path.basename(name)}`, name);
    for (let id = first; id < first + rows; id++) {
      if (id % 11 === 0) filteredRows++;
      else (id % 97 === 0 ? rejected : scored).add(id);
    }
    first += rows;
    shards += groups;
  }
  const model = await place.write('slow.onnx', slow({ iterations: options.iterations }));
  await upload(client, bucket, 'model/slow.onnx', model);
  return { scored, rejected, filteredRows, shards };
}

/** What the model gives for a row. */
export const expectedScore = (id: number): number => Math.sin(id) + (id % 100) + 1;

/** The job over it. Snappy, which the checker's own reader knows. */
export function stormJob(bucket: string): JobDefinition {
  return {
    name: 'storm',
    input: { uri: `s3://${bucket}/in/`, where: 'id % 11 <> 0' },
    model: { uri: `s3://${bucket}/model/slow.onnx` },
    // The model sums them up.
    features: { features: ['x', 'id % 100', '1'] },
    output: {
      uri: `s3://${bucket}/out/`,
      columns: { id: 'id', score: 'score', text: 'text' },
      compression: 'snappy',
    },
    errors: { maxRejectedRows: '5%', attempts: 50 },
    plan: { partRows: ROWS_PER_GROUP, shardParts: 1 },
  };
}

async function upload(client: S3Client, bucket: string, key: string, file: string): Promise<void> {
  const { size } = await stat(file);
  const body = size < 2 ** 24 ? await readFile(file) : createReadStream(file);
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}
