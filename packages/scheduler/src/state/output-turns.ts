import { type ObjectStore, ShardmillError } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { z } from 'zod';
import { hasEnded } from './fold-run.js';
import { createOnce } from './run-log.js';
import type { RunRegistry } from './run-registry.js';
import { outputKey, outputPrefix } from './state-layout.js';

const turnSchema = z.strictObject({ output: z.string(), run: z.string(), round: z.int() });

/** A round of a run, which has an output location to itself until it ends. */
export type OutputTurn = z.output<typeof turnSchema>;

/**
 * Whose turn it is to write to an output location: two runs never do so at a time. The turns of a
 * location are numbered objects that are created once. The next one can be taken when the run that
 * has the last one has ended its round, which its log tells; so nothing has to be given back, and
 * nothing expires. Runs that another program starts at the location know nothing of it.
 */
export class OutputTurns {
  constructor(readonly registry: RunRegistry) {}

  /**
   * Takes the next turn where it is free.
   * @param mayTake whether to take it, or only to look.
   * @returns the turn that the location has now: `wanted`, another one, or undefined where it is free.
   */
  async take(wanted: OutputTurn, mayTake: boolean): Promise<OutputTurn | undefined> {
    const { store } = this.registry;
    for (;;) {
      const last = await lastTurn(store, wanted.output);
      if (last !== undefined) {
        const { run, round } = last.turn;
        if (run === wanted.run && round === wanted.round) return wanted;
        if (!(await this.#isOver(last.turn))) return last.turn;
      }
      if (!mayTake) return undefined;
      // Whoever was first, the last turn is the one that counts: earlier ones may have been collected.
      await createOnce(store, outputKey(wanted.output, (last?.number ?? -1) + 1), wanted);
    }
  }

  async #isOver({ run, round }: OutputTurn): Promise<boolean> {
    const found = await this.registry.find(run);
    return found === undefined || found.round > round || hasEnded(found);
  }
}

interface NumberedTurn {
  readonly number: number;
  readonly turn: OutputTurn;
}

export async function lastTurn(
  store: ObjectStore,
  output: string,
): Promise<NumberedTurn | undefined> {
  const prefix = outputPrefix(output);
  let last: string | undefined;
  for await (const { key } of store.list(prefix)) last = key;
  if (last === undefined) return undefined;
  const bytes = await store.read(last);
  const turn = turnSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
  if (turn.success)
    return { number: Number(last.slice(prefix.length, -'.json'.length)), turn: turn.data };
  throw new ShardmillError('PLAN_MISMATCH', 'the turns of an output location cannot be read', {
    where: store.locate(last),
  });
}
