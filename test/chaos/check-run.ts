import { createHash } from 'node:crypto';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { manifestKey, partKey, type RowCounts } from '@shardmill/core';
import { manifestSchema, shardRecordSchema } from '@shardmill/core/schemas';
import { parquetReadObjects } from 'hyparquet';

/** A run's output, and what ought to have become of each row. */
export interface ExpectedRun {
  readonly bucket: string;
  /** Prefix of the output, without a trailing slash. */
  readonly prefix: string;
  readonly planRun: string;
  readonly scored: ReadonlySet<number>;
  readonly rejected: ReadonlySet<number>;
  readonly filteredRows: number;
  readonly score: (id: number) => number;
}

/**
 * Holds a finished run against what it should have come to, by a reader that shares no code with
 * the writer: every row once, digests as the manifest says, no object that it does not name.
 * @returns what is wrong; nothing where all is well.
 */
export async function checkRun(client: S3Client, expected: ExpectedRun): Promise<string[]> {
  const { bucket, prefix, planRun } = expected;
  const faults: string[] = [];
  const get = async (key: string): Promise<Buffer> => read(client, bucket, `${prefix}/${key}`);
  const manifest = manifestSchema.parse(JSON.parse((await get(manifestKey(planRun))).toString()));
  const success = JSON.parse((await get('_SUCCESS')).toString()) as { runId: unknown };
  if (success.runId !== planRun) faults.push(`_SUCCESS names ${String(success.runId)}`);

  const ids = new Multiset();
  const rejected = new Multiset();
  for (const part of manifest.parts) {
    const bytes = await get(part.key);
    if (sha256(bytes) !== part.sha256) faults.push(`${part.key} is not what the manifest says`);
    const rows = await readRows(bytes);
    if (rows.length !== part.rows.scored) faults.push(`${part.key} has ${rows.length} rows`);
    for (const row of rows) {
      ids.add(Number(row['id']));
      const off = Math.abs(Number(row['score']) - expected.score(Number(row['id'])));
      if (!(off < 1e-3)) faults.push(`row ${String(row['id'])} has score ${String(row['score'])}`);
    }
  }
  for (const object of manifest.rejected) {
    const bytes = await get(object.key);
    if (sha256(bytes) !== object.sha256) faults.push(`${object.key} is not what was recorded`);
    for (const row of await readRows(bytes)) rejected.add(Number(row['id']));
  }
  faults.push(...ids.difference(expected.scored, 'scored'));
  faults.push(...rejected.difference(expected.rejected, 'rejected'));
  faults.push(...rowFaults(manifest.rows, expected));

  const named = new Set(manifest.parts.map(({ key }) => key));
  const recorded = new Set<string>();
  for (const key of await list(client, bucket, `${prefix}/`)) {
    const own = key.slice(prefix.length + 1);
    if (own.startsWith(`_shardmill/${planRun}/shards/`)) {
      const record = shardRecordSchema.parse(JSON.parse((await get(own)).toString()));
      for (const { object } of record.parts) recorded.add(object.key);
    } else if (own.endsWith('.parquet') && !own.startsWith('_') && !named.has(own)) {
      faults.push(`${own} is visible and not in the manifest`);
    }
  }
  for (const { key, shard, part } of manifest.parts) {
    if (key !== partKey(planRun, shard, part)) faults.push(`${key} has an unexpected name`);
    if (!recorded.has(key)) faults.push(`${key} is in the manifest, but in no shard record`);
  }
  return faults;
}

function rowFaults(rows: RowCounts, expected: ExpectedRun): string[] {
  const want: RowCounts = {
    read: expected.scored.size + expected.rejected.size + expected.filteredRows,
    scored: expected.scored.size,
    rejected: expected.rejected.size,
    filtered: expected.filteredRows,
  };
  return (['read', 'scored', 'rejected', 'filtered'] as const)
    .filter((name) => rows[name] !== want[name])
    .map((name) => `the manifest counts ${rows[name]} rows ${name}, not ${want[name]}`);
}

/** How often each id was seen. */
class Multiset {
  readonly #counts = new Map<number, number>();

  add(id: number): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  difference(expected: ReadonlySet<number>, what: string): string[] {
    const lost = [...expected].filter((id) => !this.#counts.has(id));
    const doubled = [...this.#counts].filter(([, count]) => count > 1).map(([id]) => id);
    const strange = [...this.#counts.keys()].filter((id) => !expected.has(id));
    return [
      ...some(lost, `${what} rows are lost`),
      ...some(doubled, `${what} rows are doubled`),
      ...some(strange, `${what} rows ought not to be there`),
    ];
  }
}

function some(ids: readonly number[], what: string): string[] {
  if (ids.length === 0) return [];
  return [`${ids.length} ${what}: ${ids.slice(0, 5).join(', ')}`];
}

async function readRows(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return parquetReadObjects({
    file: { byteLength: copy.byteLength, slice: (start, end) => copy.slice(start, end) },
  });
}

async function read(client: S3Client, bucket: string, key: string): Promise<Buffer> {
  const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? new Uint8Array());
}

async function list(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
  }
  return keys;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
