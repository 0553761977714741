import { isRunId, type ObjectStore, ShardmillError, suggestion } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { createOnce } from '../../state/run-log.js';
import type { BackfillEvent, DateOutcome } from './backfill-event.js';
import {
  ACTIVE_BACKFILLS_PREFIX,
  activeBackfillKey,
  BACKFILLS_PREFIX,
  backfillKey,
  backfillOfActive,
  backfillOfKey,
  outcomeKey,
  outcomeOfKey,
  type OutcomeName,
  outcomesPrefix,
} from './backfill-layout.js';
import type { BackfillRequest } from './backfill-request.js';
import {
  parseBackfillEvent,
  parseBackfillRequest,
  parseOutcome,
  storedBackfill,
} from './backfill-schema.js';
import {
  allowsEvent,
  foldBackfill,
  hasEndedBackfill,
  newBackfill,
  type RegisteredBackfill,
} from './fold-backfill.js';

/**
 * All backfills, in the state location:
 * ```
 * backfills/<id>/log/000000.json   the request, with all of its dates; 000001.json …: the events
 * backfills/<id>/dates/<instant>.<round>.<outcome>.json   how a date ended
 * active-backfills/<id>.<round>    there while that round of it has not ended
 * ```
 * A marker in `active-backfills/` is written before the event that begins its round and deleted after
 * the one that ends it. Backfills that are run locally have none: no scheduler looks after them.
 */
export class BackfillRegistry {
  constructor(readonly store: ObjectStore) {}

  async submit(request: BackfillRequest): Promise<RegisteredBackfill> {
    if (!isRunId(request.id)) throw new RangeError(`"${request.id}" cannot be an id`);
    await this.#mark(request, 0);
    if (!(await createOnce(this.store, backfillKey(request.id, 0), storedBackfill(request)))) {
      throw new RangeError(`there is a backfill ${request.id} already`);
    }
    return newBackfill(request);
  }

  /** @returns undefined where there is none. @throws PLAN_MISMATCH */
  async find(id: string): Promise<RegisteredBackfill | undefined> {
    const bytes = isRunId(id) ? await this.store.read(backfillKey(id, 0)) : undefined;
    if (bytes === undefined) return undefined;
    const request = parseBackfillRequest(parseJson(bytes));
    if (typeof request === 'string') throw this.#unreadable(id, backfillKey(id, 0), request);
    return this.refresh(newBackfill(request));
  }

  /** The same backfill with what has happened since. @throws PLAN_MISMATCH */
  async refresh(seen: RegisteredBackfill): Promise<RegisteredBackfill> {
    const { id } = seen.request;
    for (let known = seen; ; ) {
      const key = backfillKey(id, known.events.length + 1);
      const bytes = await this.store.read(key);
      if (bytes === undefined) return known;
      const event = parseBackfillEvent(parseJson(bytes));
      if (typeof event === 'string') throw this.#unreadable(id, key, event);
      if (!allowsEvent(known.phase, event)) {
        throw this.#unreadable(id, key, `"${event.kind}" cannot follow on "${known.phase}"`);
      }
      known = foldBackfill(known, event);
    }
  }

  /** The backfill whose id is or begins with this, or the `last` one. @throws BACKFILL_NOT_FOUND, USAGE */
  async resolve(reference: string): Promise<RegisteredBackfill> {
    const exact = await this.find(reference);
    if (exact !== undefined) return exact;
    const ids = await this.ids();
    const fitting =
      reference === 'last' ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(reference));
    if (fitting.length > 1) {
      throw new ShardmillError(
        'USAGE',
        `${fitting.length} backfills begin with "${reference}": ${fitting.slice(0, 5).join(', ')}`,
        { remedy: 'Give more of the id.' },
      );
    }
    const [id] = fitting;
    const found = id === undefined ? undefined : await this.find(id);
    if (found !== undefined) return found;
    throw new ShardmillError(
      'BACKFILL_NOT_FOUND',
      `there is no backfill "${reference}".${suggestion(reference, ids, 'The latest are')}`,
      { where: this.store.uri },
    );
  }

  /** Ids of all backfills, the latest first. */
  async ids(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { key } of this.store.list(BACKFILLS_PREFIX)) {
      const entry = backfillOfKey(key);
      if (entry?.number === 0) ids.push(entry.id);
    }
    return ids.toReversed();
  }

  /** Asks for no more dates to be begun, and for the runs that are under way to be cancelled. */
  async cancel(id: string, by: string, now: Date): Promise<RegisteredBackfill> {
    const event: BackfillEvent = { kind: 'cancel-asked', at: now.toISOString(), by };
    return this.#change(id, event, (seen) => {
      if (hasEndedBackfill(seen)) throw wrongState(seen, 'only one that goes on can be cancelled');
      return seen.phase === 'cancelling' ? 'done' : 'append';
    });
  }

  /** Begins another round for the dates that did not finish. @throws BACKFILL_NOT_FOUND, BACKFILL_STATE */
  async reopen(id: string, by: string, now: Date): Promise<RegisteredBackfill> {
    const event: BackfillEvent = { kind: 'reopened', at: now.toISOString(), by };
    return this.#change(id, event, async (seen): Promise<'append'> => {
      if (!allowsEvent(seen.phase, event)) {
        throw wrongState(seen, 'only one that failed or was cancelled can be resumed');
      }
      await this.#mark(seen.request, seen.round + 1);
      return 'append';
    });
  }

  /** Notes how a round of the backfill ended. @returns what the log has then. */
  async end(
    seen: RegisteredBackfill,
    outcome: 'finished' | 'failed' | 'cancelled',
    now: Date,
  ): Promise<RegisteredBackfill> {
    await this.#append(seen, { kind: 'ended', at: now.toISOString(), outcome });
    const after = await this.refresh(seen);
    if (hasEndedBackfill(after)) await this.clearMarkers(after);
    return after;
  }

  /** Rounds of backfills that may not have ended. */
  async active(): Promise<{ readonly id: string; readonly round: number }[]> {
    const found: { id: string; round: number }[] = [];
    for await (const { key } of this.store.list(ACTIVE_BACKFILLS_PREFIX)) {
      const marker = backfillOfActive(key);
      if (marker !== undefined) found.push(marker);
    }
    return found;
  }

  /** Deletes the markers of rounds that are over. */
  async clearMarkers({ request, round }: RegisteredBackfill): Promise<void> {
    for (let past = 0; past <= round; past++) {
      await this.store.delete(activeBackfillKey(request.id, past));
    }
  }

  async noteOutcome(id: string, ts: string, round: number, outcome: DateOutcome): Promise<void> {
    const key = outcomeKey(id, ts, round, outcome.outcome);
    // Of many who note the same one is first; the name says the same.
    await this.store.create(key, Buffer.from(JSON.stringify(outcome)));
  }

  /** How its dates ended, by names alone: one listing. */
  async outcomes(id: string): Promise<OutcomeName[]> {
    const found: OutcomeName[] = [];
    for await (const { key } of this.store.list(outcomesPrefix(id))) {
      const outcome = outcomeOfKey(key);
      if (outcome !== undefined) found.push(outcome);
    }
    return found;
  }

  /** @throws PLAN_MISMATCH */
  async outcome(id: string, ts: string, { round, outcome }: OutcomeName): Promise<DateOutcome> {
    const key = outcomeKey(id, ts, round, outcome);
    const bytes = await this.store.read(key);
    const parsed = bytes === undefined ? 'it is gone' : parseOutcome(parseJson(bytes));
    if (typeof parsed === 'string') throw this.#unreadable(id, key, parsed);
    return parsed;
  }

  async #mark({ id, place }: BackfillRequest, round: number): Promise<void> {
    if (place === 'fleet') await this.store.create(activeBackfillKey(id, round), MARKER);
  }

  #append(seen: RegisteredBackfill, event: BackfillEvent): Promise<boolean> {
    if (!allowsEvent(seen.phase, event)) {
      throw new RangeError(`"${event.kind}" cannot follow on "${seen.phase}"`);
    }
    return createOnce(this.store, backfillKey(seen.request.id, seen.events.length + 1), event);
  }

  async #change(
    id: string,
    event: BackfillEvent,
    may: (seen: RegisteredBackfill) => 'append' | 'done' | Promise<'append' | 'done'>,
  ): Promise<RegisteredBackfill> {
    for (let seen = await this.resolve(id); ; ) {
      if ((await may(seen)) === 'done') return seen;
      const appended = await this.#append(seen, event);
      seen = await this.refresh(seen);
      if (appended) return seen;
    }
  }

  #unreadable(id: string, key: string, reason: string): ShardmillError {
    return new ShardmillError('PLAN_MISMATCH', `the backfill ${id} cannot be read: ${reason}`, {
      where: this.store.locate(key),
      remedy: 'It was written by another version of Shardmill: use that one for it.',
    });
  }
}

const MARKER = Buffer.from('{}');

function wrongState({ request, phase, endedAt }: RegisteredBackfill, why: string): ShardmillError {
  const since = endedAt === null ? '' : ` since ${endedAt}`;
  return new ShardmillError('BACKFILL_STATE', `backfill ${request.id} is ${phase}${since}: ${why}`);
}
