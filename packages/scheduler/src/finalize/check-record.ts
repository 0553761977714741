import {
  addRowCounts,
  NO_ROWS,
  partFileKey,
  partIndexKey,
  partitionFolders,
  partKey,
  type PartRecord,
  type Plan,
  type PlannedShard,
  type RowCounts,
  rejectedKey,
  ShardmillError,
  type ShardRecord,
} from '@shardmill/core';

/**
 * Holds a shard's record against its plan: it belongs to this plan, names every part once, under
 * its own key, and accounts for every row.
 * @throws PLAN_MISMATCH, ROW_ACCOUNTING naming shard and part
 */
export function checkRecord(
  record: ShardRecord,
  shard: PlannedShard,
  plan: Pick<Plan, 'runId' | 'digest' | 'scoring'>,
  where: string,
): void {
  const mismatch = (message: string): ShardmillError =>
    new ShardmillError('PLAN_MISMATCH', message, { where });
  if (record.planDigest !== plan.digest || record.runId !== plan.runId) {
    throw mismatch(
      `the record is of run ${record.runId}, plan ${record.planDigest.slice(0, 12)}; ` +
        `expected run ${plan.runId}, plan ${plan.digest.slice(0, 12)}`,
    );
  }
  if (record.shard !== shard.shard) {
    throw mismatch(`the record is of shard ${record.shard}, expected ${shard.shard}`);
  }
  if (record.parts.length !== shard.parts.length) {
    throw mismatch(
      `the record has ${record.parts.length} parts, shard ${shard.shard} has ${shard.parts.length}`,
    );
  }
  let sum = NO_ROWS;
  for (const [index, planned] of shard.parts.entries()) {
    const part = record.parts[index];
    if (part?.part !== planned.part) {
      throw mismatch(`part ${part?.part} stands where part ${planned.part} is planned`);
    }
    const misnamed = misnamedObject(part, shard.shard, plan);
    if (misnamed !== undefined) throw mismatch(`part ${planned.part} is named ${misnamed}`);
    const place = `shard ${shard.shard}, part ${planned.part}`;
    if (part.rows.read !== planned.rows) {
      throw accounting(
        `${place}: ${part.rows.read} rows were read, ${planned.rows} are planned`,
        where,
      );
    }
    refuseImbalance(part.rows, place, where);
    refuseOtherRows(part, place, where);
    checkRejected(
      part.rejected?.key,
      part.rows,
      rejectedKey(plan.runId, shard.shard, planned.part),
      {
        place,
        where,
      },
    );
    sum = addRowCounts(sum, part.rows);
  }
  if (!sameCounts(sum, record.rows)) {
    throw accounting(
      `shard ${shard.shard}: its parts have ${countsText(sum)}, its record says ${countsText(record.rows)}`,
      where,
    );
  }
}

/** What an object of a part is named, and should be; undefined where all are named as they should. */
function misnamedObject(
  { part, object, files }: PartRecord,
  shard: number,
  { runId, scoring }: Pick<Plan, 'runId' | 'scoring'>,
): string | undefined {
  const { partitionBy } = scoring.output;
  const named = ({ key }: { readonly key: string }, expected: string): string[] =>
    key === expected ? [] : [`${key}, expected ${expected}`];
  if (partitionBy === undefined) return named(object, partKey(runId, shard, part))[0];
  if (files === undefined) return `${object.key}, without the files of its partitions`;
  return [
    ...named(object, partIndexKey(runId, shard, part)),
    ...files.flatMap((file) => {
      const folders = partitionFolders(partitionBy, file.partition);
      return named(file, partFileKey(folders, runId, shard, part));
    }),
  ][0];
}

/** @throws ROW_ACCOUNTING unless the files of a part have as many rows as were scored. */
function refuseOtherRows({ files, rows }: PartRecord, place: string, where: string): void {
  if (files === undefined) return;
  const inFiles = files.reduce((sum, file) => sum + file.rows, 0);
  if (inFiles === rows.scored) return;
  throw accounting(`${place}: ${inFiles} rows in its files, ${rows.scored} were scored`, where);
}

/** @throws ROW_ACCOUNTING unless every row that was read is scored, rejected or filtered. */
export function refuseImbalance(rows: RowCounts, place: string, where: string): void {
  if (rows.read === rows.scored + rows.rejected + rows.filtered) return;
  throw accounting(`${place}: ${countsText(rows)} do not add up`, where);
}

function checkRejected(
  key: string | undefined,
  rows: RowCounts,
  expected: string,
  { place, where }: { readonly place: string; readonly where: string },
): void {
  if (rows.rejected > 0 && key === undefined) {
    throw accounting(`${place}: ${rows.rejected} rejected rows are kept nowhere`, where);
  }
  if (key !== undefined && key !== expected) {
    throw new ShardmillError(
      'PLAN_MISMATCH',
      `${place}: rejected rows are in ${key}, expected ${expected}`,
      { where },
    );
  }
}

function accounting(message: string, where: string): ShardmillError {
  return new ShardmillError('ROW_ACCOUNTING', message, { where });
}

function sameCounts(a: RowCounts, b: RowCounts): boolean {
  return (
    a.read === b.read &&
    a.scored === b.scored &&
    a.rejected === b.rejected &&
    a.filtered === b.filtered &&
    (a.truncated ?? 0) === (b.truncated ?? 0)
  );
}

function countsText({ read, scored, rejected, filtered }: RowCounts): string {
  return `${read} read, ${scored} scored, ${rejected} rejected, ${filtered} filtered`;
}
