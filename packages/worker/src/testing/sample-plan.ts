import { createHash } from 'node:crypto';
import {
  addRowCounts,
  canonicalJson,
  digestJson,
  digestPlan,
  NO_ROWS,
  type ObjectStore,
  type PartRecord,
  partKey,
  PLAN_FORMAT,
  type Plan,
  type PlannedShard,
  type PlanPage,
  planKey,
  planPageKey,
  RECORD_FORMAT,
  type ShardRecord,
} from '@shardmill/core';
import {
  type FleetEvent,
  type FleetEvents,
  shardId,
  type ShardMessage,
  type ShardTask,
} from '@shardmill/queue';

/** A stored plan of two shards of two parts over files that are not there. */
export interface SamplePlan {
  readonly plan: Plan;
  readonly shards: readonly PlannedShard[];
  readonly message: (shard: number) => ShardMessage;
}

export async function storeSamplePlan(store: ObjectStore, runId: string): Promise<SamplePlan> {
  const shards = [0, 1].map((shard) => shardOf(shard));
  const page: PlanPage = { shards };
  const plan: Plan = {
    format: PLAN_FORMAT,
    runId,
    createdAt: '2026-11-22T05:00:00.000Z',
    digest: '',
    job: { name: 'sample', params: {} },
    mode: 'overwrite',
    notices: [],
    inputUris: ['/data'],
    scoring: {
      input: {
        columns: [{ name: 'a', type: 'DOUBLE' }],
        used: ['a'],
        layouts: [[{ name: 'a', type: 'DOUBLE' }]],
        partitionColumns: [],
        where: null,
      },
      model: { uri: 'm.onnx', sha256: 'f', bytes: 1, externalData: [], inputs: [], outputs: [] },
      features: [],
      transform: null,
      nulls: 'reject',
      output: { uri: store.uri, columns: [], compression: 'zstd', rowGroupRows: 1000 },
    },
    totals: {
      files: 1,
      rowGroups: 1,
      rows: 40,
      prunedRows: 0,
      prunedRowGroups: 0,
      shards: 2,
      parts: 4,
      bytes: 1,
      bytesToRead: 1,
    },
    pages: [{ shards: 2, sha256: digestJson(page) }],
  };
  plan.digest = digestPlan(plan);
  await store.create(planPageKey(runId, 0), Buffer.from(canonicalJson(page)));
  await store.create(planKey(runId), Buffer.from(canonicalJson(plan)));
  const message = (shard: number): ShardMessage => ({
    run: `asked-for-${runId}`,
    planRun: runId,
    output: store.uri,
    planDigest: plan.digest,
    shard,
    page: 0,
    rows: 20,
    round: 1,
    attempts: 3,
    partTimeoutMs: 60_000,
    diskFullWaitMs: 600_000,
    resources: {},
  });
  return { plan, shards, message };
}

export function taskOf(message: ShardMessage, change: Partial<ShardTask> = {}): ShardTask {
  const signal = new AbortController().signal;
  return { id: shardId(message), message, failed: [], signal, ...change };
}

/** Creates a part as an engine would. */
export async function makePart(
  store: ObjectStore,
  runId: string,
  shard: number,
  part: number,
): Promise<PartRecord> {
  const key = partKey(runId, shard, part);
  const content = Buffer.from(key);
  await store.create(key, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return {
    part,
    rows: { read: 10, scored: 10, rejected: 0, filtered: 0 },
    object: { key, bytes: content.length, sha256 },
    rejected: null,
  };
}

export function recordOf(plan: Plan, shard: number, parts: PartRecord[]): ShardRecord {
  const rows = parts.reduce((sum, part) => addRowCounts(sum, part.rows), NO_ROWS);
  return {
    format: RECORD_FORMAT,
    runId: plan.runId,
    planDigest: plan.digest,
    shard,
    rows,
    parts,
    statistics: {},
    seconds: {},
  };
}

/** Events of the fleet, kept. */
export class KeptEvents implements FleetEvents {
  readonly events: FleetEvent[] = [];
  publish(event: FleetEvent): void {
    this.events.push(event);
  }
  subscribe(): () => void {
    return () => {};
  }
  async close(): Promise<void> {}
}

function shardOf(shard: number): PlannedShard {
  return {
    shard,
    rows: 20,
    files: [{ uri: '/data/a.parquet', bytes: 1, etag: 'e', rows: 40, layout: 0, partition: [] }],
    parts: [0, 1].map((part) => ({
      part,
      rows: 10,
      slices: [
        { file: 0, firstRow: shard * 20 + part * 10, rows: 10, firstRowGroup: 0, rowGroups: 1 },
      ],
    })),
  };
}
