import {
  digestJson,
  digestPlan,
  PLAN_FORMAT,
  type Plan,
  type PlannedShard,
  SHARDS_PER_PAGE,
} from '@shardmill/core';
import type { MadePlan } from '../plan/make-plan.js';

export interface SyntheticPlan {
  readonly runId: string;
  /** The output location. */
  readonly output: string;
  readonly shards: number;
  readonly partsPerShard?: number | undefined;
  readonly rowsPerPart?: number | undefined;
  readonly mode?: Plan['mode'] | undefined;
  readonly createdAt?: Date | undefined;
  /** Other data, other digest. */
  readonly input?: string | undefined;
  readonly etag?: string | undefined;
  readonly table?: 'delta' | undefined;
  /** Columns of the output, beside its one other. */
  readonly partitionBy?: string[] | undefined;
}

/** A plan of data that does not exist, valid in its form. */
export function syntheticPlan(options: SyntheticPlan): MadePlan {
  const { runId, shards: count, partsPerShard = 2, rowsPerPart = 100 } = options;
  const { mode = 'create', createdAt = new Date(0) } = options;
  const { input = '/data/a.parquet', etag = 'e1' } = options;
  const rows = rowsPerPart * partsPerShard;
  const shards = Array.from({ length: count }, (_, shard): PlannedShard => {
    const file = {
      uri: input,
      bytes: 1,
      etag,
      rows: count * rows,
      layout: 0,
      partition: [],
    };
    const parts = Array.from({ length: partsPerShard }, (__, part) => ({
      part,
      rows: rowsPerPart,
      slices: [
        {
          file: 0,
          firstRow: shard * rows + part * rowsPerPart,
          rows: rowsPerPart,
          firstRowGroup: 0,
          rowGroups: 1,
        },
      ],
    }));
    return { shard, rows, files: [file], parts };
  });
  const pages = Array.from({ length: Math.ceil(count / SHARDS_PER_PAGE) }, (_, page) => ({
    shards: shards.slice(page * SHARDS_PER_PAGE, (page + 1) * SHARDS_PER_PAGE),
  }));
  const decisive: Pick<Plan, 'format' | 'inputUris' | 'scoring' | 'totals' | 'pages'> = {
    format: PLAN_FORMAT,
    inputUris: [input],
    scoring: scoringFor(options),
    totals: {
      files: 1,
      rowGroups: 1,
      rows: count * rows,
      prunedRows: 0,
      prunedRowGroups: 0,
      shards: count,
      parts: count * partsPerShard,
      bytes: 1,
      bytesToRead: 1,
    },
    pages: pages.map((page) => ({ shards: page.shards.length, sha256: digestJson(page) })),
  };
  const plan: Plan = {
    ...decisive,
    runId,
    createdAt: createdAt.toISOString(),
    digest: digestPlan({ ...decisive, job: { name: 'test' } }),
    job: { name: 'test', params: {} },
    mode,
    notices: [],
  };
  return { plan, pages };
}

function scoringFor({ output, table, partitionBy }: SyntheticPlan): Plan['scoring'] {
  return {
    input: {
      columns: [{ name: 'a', type: 'FLOAT' }],
      used: ['a'],
      layouts: [[{ name: 'a', type: 'FLOAT' }]],
      partitionColumns: [],
      where: null,
    },
    model: {
      uri: '/models/m.onnx',
      sha256: 'f',
      bytes: 1,
      externalData: [],
      inputs: [],
      outputs: [],
    },
    features: [],
    transform: null,
    nulls: 'reject',
    output: {
      uri: output,
      columns: [
        ...(partitionBy ?? []).map((name) => ({ name, type: 'VARCHAR', sql: name })),
        { name: 'score', type: 'FLOAT', sql: 'score' },
      ],
      compression: 'zstd',
      rowGroupRows: 122_880,
      ...(table !== undefined && { table }),
      ...(partitionBy !== undefined && { partitionBy }),
    },
  };
}
