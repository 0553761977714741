import { createHash } from 'node:crypto';
import {
  addRowCounts,
  canonicalJson,
  NO_ROWS,
  type ObjectStore,
  type PartRecord,
  partKey,
  type Plan,
  type PlannedPart,
  type PlannedShard,
  RECORD_FORMAT,
  rejectedKey,
  ShardmillError,
  type ShardRecord,
} from '@shardmill/core';
import type { ScoreShard, ShardToScore } from '@shardmill/worker';
import type { SimInput } from './sim-input.js';
import { newProcess, type SimProcess, type World } from './world.js';

/** A part's object: what the real one keeps in its metadata, and the data that it was made from. */
export interface SimPart {
  readonly planDigest: string;
  readonly shard: number;
  readonly part: number;
  readonly rows: PartRecord['rows'];
  readonly etag: string;
  /** Two workers make two different objects of one part. */
  readonly maker: string;
}

/** What a broken engine does; see `broken-guards.test.ts`. */
export interface EngineRules {
  readonly checksInput: boolean;
  readonly countsAllRows: boolean;
}

export const SOUND_ENGINE: EngineRules = { checksInput: true, countsAllRows: true };

/**
 * Scores as the real engine does, as far as a store can see it: part by part, each created once, in a
 * process of its own, which is killed when its shard is not waited for any more.
 */
export function simEngine(
  world: World,
  worker: SimProcess,
  input: SimInput,
  storesOf: (engine: SimProcess) => (output: string) => ObjectStore,
  rules: EngineRules,
): ScoreShard {
  return async (request, signal) => {
    const engine = newProcess(`engine of ${worker.id}`, 'engine', worker);
    const store = storesOf(engine)(request.message.output);
    let abandoned = (): void => {};
    const aborted = new Promise<never>((_resolve, reject) => {
      const stop = (): void => {
        world.kill(engine);
        reject(new ShardmillError('INTERRUPTED', 'the shard is not waited for any more'));
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      abandoned = () => signal.removeEventListener('abort', stop);
    });
    world.leftovers.add(abandoned);
    try {
      const scored = scoreParts({ world, engine, input, store, rules, ...request });
      return await Promise.race([scored, aborted]);
    } finally {
      abandoned();
      world.leftovers.delete(abandoned);
    }
  };
}

interface Scoring extends ShardToScore {
  readonly world: World;
  readonly engine: SimProcess;
  readonly input: SimInput;
  readonly store: ObjectStore;
  readonly rules: EngineRules;
}

async function scoreParts(scoring: Scoring): Promise<ShardRecord> {
  const { world, engine, input, store, rules, plan, shard, onPart } = scoring;
  const parts: PartRecord[] = [];
  const check = async (): Promise<void> => {
    const etag = await world.op(engine, 'checks the input', () => input.etag);
    if (rules.checksInput && etag !== shard.files[0]?.etag) {
      throw new ShardmillError('INPUT_CHANGED', 'the file is not the one that was planned');
    }
  };
  for (const part of shard.parts) {
    const key = partKey(plan.runId, shard.shard, part.part);
    const earlier = await describe(store, key, plan, shard, part);
    if (earlier !== undefined) {
      parts.push(earlier);
      onPart(earlier, false);
      continue;
    }
    await check();
    const made = await world.op(engine, `scans ${key}`, () => scan(scoring, part));
    if (made.rows.rejected > 0) {
      const bytes = Buffer.from(`rejected rows of ${shard.shard}/${part.part}`);
      await store.create(rejectedKey(plan.runId, shard.shard, part.part), bytes);
    }
    await check();
    const created = (await store.create(key, encode(made))) === 'created';
    const record = await describe(store, key, plan, shard, part);
    if (record === undefined) throw new ShardmillError('INTERNAL', 'a part is gone at once');
    parts.push(record);
    onPart(record, created);
  }
  return recordOf(plan, shard, parts);
}

/** @throws what is wrong with the shard */
function scan({ world, engine, input, rules, plan, shard }: Scoring, part: PlannedPart): SimPart {
  const fault = input.takeFault(shard.shard);
  if (fault !== undefined) throw new ShardmillError(fault, `shard ${shard.shard} is bad`);
  const rejected = input.rejects ? 1 : 0;
  const lost = rules.countsAllRows ? 0 : 1;
  return {
    planDigest: plan.digest,
    shard: shard.shard,
    part: part.part,
    rows: {
      read: part.rows,
      scored: part.rows - 2 - lost,
      rejected,
      filtered: 2 - rejected,
    },
    etag: input.etag,
    maker: `${engine.id}/${world.steps}`,
  };
}

/** The part as its object describes it. @throws OUTPUT_CONFLICT where it is of another plan */
async function describe(
  store: ObjectStore,
  key: string,
  plan: Plan,
  { shard }: PlannedShard,
  { part }: PlannedPart,
): Promise<PartRecord | undefined> {
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  const found = decodePart(bytes);
  if (found.planDigest !== plan.digest || found.shard !== shard || found.part !== part) {
    throw new ShardmillError('OUTPUT_CONFLICT', 'it is another part', { where: key });
  }
  const rejected = rejectedKey(plan.runId, shard, part);
  return {
    part,
    rows: found.rows,
    object: { key, bytes: bytes.length, sha256: sha256(bytes) },
    rejected: found.rows.rejected === 0 ? null : { key: rejected, bytes: 1, sha256: 'r' },
  };
}

function recordOf(plan: Plan, { shard }: PlannedShard, parts: PartRecord[]): ShardRecord {
  return {
    format: RECORD_FORMAT,
    runId: plan.runId,
    planDigest: plan.digest,
    shard,
    rows: parts.reduce((sum, part) => addRowCounts(sum, part.rows), NO_ROWS),
    parts,
    statistics: {},
    seconds: {},
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function decodePart(bytes: Uint8Array): SimPart {
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}

function encode(part: SimPart): Uint8Array {
  return Buffer.from(canonicalJson(part));
}
