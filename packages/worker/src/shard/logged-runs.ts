import { canonicalJson } from '@shardmill/core';
import { type RoundFacts, shardId, type ShardMessage, type ShardTask } from '@shardmill/queue';

/** What the log of runs says, which alone is trusted: any client of Redis may write a message. */
export interface RunLog {
  /** @returns undefined where there is no such run, or no plan of it. @throws STORE_…, PLAN_MISMATCH */
  facts(run: string): Promise<RoundFacts | undefined>;
}

/** Rounds held at once: those of the runs that a worker is likely to get next. */
const ROUNDS_HELD = 64;

/** Holds messages against the log of runs; what it said of a run is kept until a message differs. */
export class LoggedRuns {
  readonly #held = new Map<string, RoundFacts>();

  constructor(readonly log: RunLog) {}

  /**
   * Why a message is not to be followed; undefined where the log says the same.
   * @throws what reading the log failed of
   */
  async refusal({ id, message }: ShardTask): Promise<string | undefined> {
    const { run } = message;
    if (id !== shardId(message)) return `its name is ${id}, not ${shardId(message)}`;
    const held = this.#held.get(run);
    if (held !== undefined && differences(message, held).length === 0) return undefined;
    // A new round, or a new plan, may have begun since.
    const facts = await this.log.facts(run);
    this.#held.delete(run);
    if (facts === undefined) return `the log of runs has no planned run ${run}`;
    this.#hold(facts);
    const differ = differences(message, facts);
    return differ.length === 0
      ? undefined
      : `the log of runs says otherwise of ${differ.join(', ')}`;
  }

  #hold(facts: RoundFacts): void {
    this.#held.set(facts.run, facts);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= ROUNDS_HELD) break;
      this.#held.delete(oldest);
    }
  }
}

function differences(message: ShardMessage, facts: RoundFacts): string[] {
  const said: Readonly<Record<string, unknown>> = { ...message };
  return Object.entries(facts).flatMap(([name, value]) =>
    canonicalJson([said[name]]) === canonicalJson([value]) ? [] : [name],
  );
}
