import { type ObjectStore, ShardmillError } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { z } from 'zod';
import { hasEnded } from './fold-run.js';
import { createOnce } from './run-log.js';
import type { RunRegistry } from './run-registry.js';
import { outputKey, outputPrefix } from './state-layout.js';

const holderSchema = z.strictObject({ output: z.string(), run: z.string(), round: z.int() });

/** A round of a run that holds the lock of an output location until it ends. */
export type OutputHolder = z.output<typeof holderSchema>;

/**
 * The locks of output locations: two runs never write to one at a time. The holders of a location's
 * lock are numbered objects that are created once. The next one can be created when the run of the
 * last one has ended its round, which its log shows; so nothing has to be released, and nothing
 * expires. Runs that another program starts at the location know nothing of it.
 */
export class OutputLocks {
  constructor(readonly registry: RunRegistry) {}

  /**
   * Acquires the lock where it is free.
   * @param mayAcquire whether to acquire it, or only to check.
   * @returns the holder of the lock now: `wanted`, another one, or undefined where it is free.
   */
  async acquire(wanted: OutputHolder, mayAcquire: boolean): Promise<OutputHolder | undefined> {
    const { store } = this.registry;
    for (;;) {
      const last = await lastHolder(store, wanted.output);
      if (last !== undefined) {
        const { run, round } = last.holder;
        if (run === wanted.run && round === wanted.round) return wanted;
        if (!(await this.#isOver(last.holder))) return last.holder;
      }
      if (!mayAcquire) return undefined;
      // Whichever run was first, the last holder counts: earlier ones may have been collected.
      await createOnce(store, outputKey(wanted.output, (last?.number ?? -1) + 1), wanted);
    }
  }

  async #isOver({ run, round }: OutputHolder): Promise<boolean> {
    const found = await this.registry.find(run);
    return found === undefined || found.round > round || hasEnded(found);
  }
}

interface NumberedHolder {
  readonly number: number;
  readonly holder: OutputHolder;
}

export async function lastHolder(
  store: ObjectStore,
  output: string,
): Promise<NumberedHolder | undefined> {
  const prefix = outputPrefix(output);
  let last: string | undefined;
  for await (const { key } of store.list(prefix)) last = key;
  if (last === undefined) return undefined;
  const bytes = await store.read(last);
  const holder = holderSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
  if (holder.success)
    return { number: Number(last.slice(prefix.length, -'.json'.length)), holder: holder.data };
  throw new ShardmillError('PLAN_MISMATCH', 'the lock of an output location cannot be read', {
    where: store.locate(last),
  });
}
