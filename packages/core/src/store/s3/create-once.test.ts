import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOnce, type RawObjects } from './create-once.js';
import { RequestFailed } from './request-failed.js';
import { withRetries } from './retry.js';

type Body = { readonly bytes: number };
interface Stored extends Body {
  readonly writer?: string;
}

const failed = (status: number | undefined, code: string): RequestFailed =>
  new RequestFailed({ status, code, message: '' });

/** What becomes of one request of a store in memory. */
const FATES = [
  'answered',
  'answer lost',
  'answered 500, took effect',
  'lost before it arrived',
  'refused with 409',
  'refused with 503',
  'arrives after the next request',
] as const;
type Fate = (typeof FATES)[number];

/** A store that does to each request what `fates` say, then answers. */
class FatefulStore implements RawObjects<Body> {
  object: Stored | undefined;
  changes = 0;
  #late: (() => void)[] = [];

  constructor(readonly fates: Fate[]) {}

  async putIfAbsent(_key: string, body: Body, writer: string): Promise<void> {
    let refused = false;
    this.#meet(() => {
      refused = this.object !== undefined;
      if (refused) return;
      this.object = { ...body, writer };
      this.changes++;
    });
    if (refused) throw failed(412, 'PreconditionFailed');
  }

  async head(): Promise<Stored | undefined> {
    this.#meet(() => {});
    return this.object;
  }

  #meet(effect: () => void): void {
    const late = this.#late;
    this.#late = [];
    const fate = this.fates.shift() ?? 'answered';
    if (fate === 'arrives after the next request') this.#late.push(effect);
    else if (!/before|refused/.test(fate)) effect();
    for (const arrive of late) arrive();
    if (fate === 'refused with 409') throw failed(409, 'ConditionalRequestConflict');
    if (fate === 'refused with 503') throw failed(503, 'SlowDown');
    if (fate === 'answered 500, took effect') throw failed(500, 'InternalError');
    if (fate !== 'answered') throw failed(undefined, 'ECONNRESET');
  }
}

const create = (store: RawObjects<Body>, writer: string, bytes = 3): Promise<string> =>
  createOnce(store, 'key', { bytes }, writer, (attempt) =>
    withRetries(
      {
        retryForMs: Infinity,
        now: () => 0,
        sleep: () => Promise.resolve(),
        random: () => 0,
      },
      attempt,
    ),
  );

describe('creating an object under a store that may lose any answer', () => {
  it.each(FATES)('finds out that it won: %s', async (fate) => {
    const store = new FatefulStore([fate]);
    expect(await create(store, 'mine')).toBe('created');
    expect(store.object).toEqual({ bytes: 3, writer: 'mine' });
  });

  it.each(FATES)('finds out that another won: %s', async (fate) => {
    const store = new FatefulStore([fate]);
    store.object = { bytes: 9, writer: 'theirs' };
    expect(await create(store, 'mine')).toBe('exists');
    expect(store.object).toEqual({ bytes: 9, writer: 'theirs' });
  });

  it('takes an object without a token for that of another', async () => {
    const store = new FatefulStore([]);
    store.object = { bytes: 3 };
    expect(await create(store, 'mine')).toBe('exists');
  });

  it('holds under every order of faults: one winner, who knows it, and one change', async () => {
    const fates = fc.array(fc.constantFrom(...FATES), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fates, fc.integer({ min: 1, max: 5 }), async (fates, writers) => {
        const store = new FatefulStore(fates);
        const names = Array.from({ length: writers }, (_, i) => `writer ${i}`);
        const outcomes = await Promise.all(names.map((name) => create(store, name)));
        // What is still under way arrives now, and changes nothing.
        const before = store.object;
        store.fates.length = 0;
        await store.head();
        expect(store.object).toBe(before);
        expect(store.changes).toBe(1);
        const winners = names.filter((_, i) => outcomes[i] === 'created');
        expect(winners).toEqual([store.object?.writer]);
      }),
      { numRuns: 2000 },
    );
  });

  it('tries again where the object that refused it is gone', async () => {
    const store = new FatefulStore([]);
    store.object = { bytes: 1, writer: 'theirs' };
    const head = store.head.bind(store);
    store.head = () => {
      store.object = undefined;
      store.head = head;
      return head();
    };
    expect(await create(store, 'mine')).toBe('created');
  });

  it('refuses a store that keeps only a piece of what it took', async () => {
    const store = new FatefulStore(['answer lost']);
    const put = store.putIfAbsent.bind(store);
    store.putIfAbsent = (key, _body, writer) => put(key, { bytes: 2 }, writer);
    await expect(create(store, 'mine')).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
  });

  it('throws what is no question of the answer', async () => {
    const store = new FatefulStore([]);
    store.putIfAbsent = () => Promise.reject(failed(403, 'AccessDenied'));
    await expect(create(store, 'mine')).rejects.toMatchObject({ class: 'denied' });
  });
});
