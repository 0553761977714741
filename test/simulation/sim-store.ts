import {
  type LocalCopy,
  type ObjectContent,
  type ObjectInfo,
  type ObjectStore,
  ShardmillError,
  Stores,
} from '@shardmill/core';
import type { SimProcess, World } from './world.js';

/** A change of an object: what it held before and holds now. */
export interface StoreChange {
  readonly location: string;
  readonly key: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  readonly process: SimProcess;
}

/** What goes wrong with a call: it fails, and nothing happened; or it did; or it still will. */
export type StoreFault = 'before' | 'after' | 'late' | 'exists';

/** What a broken store does instead; see `broken-guards.test.ts`. */
export interface StoreRules {
  /** Whether creating an object that is there leaves it alone. */
  readonly createsOnce: (key: string) => boolean;
}

/** Objects of all locations. Every change goes through here, and is looked at. */
export class ObjectSpace {
  readonly #locations = new Map<string, Map<string, Uint8Array>>();
  /** Faults for the next calls of a process, by its id. */
  readonly faults = new Map<string, StoreFault[]>();

  constructor(
    readonly world: World,
    readonly onChange: (change: StoreChange) => void,
    readonly rules: StoreRules = { createsOnce: () => true },
  ) {}

  objects(location: string): Map<string, Uint8Array> {
    let objects = this.#locations.get(location);
    if (objects === undefined) {
      objects = new Map();
      this.#locations.set(location, objects);
    }
    return objects;
  }

  /** Keys that begin with a prefix, in order. */
  keys(location: string, prefix = ''): string[] {
    return [...this.objects(location).keys()].filter((key) => key.startsWith(prefix)).toSorted();
  }

  put(process: SimProcess, location: string, key: string, content: Uint8Array): boolean {
    const objects = this.objects(location);
    const before = objects.get(key);
    if (before !== undefined && this.rules.createsOnce(key)) return false;
    objects.set(key, content);
    this.onChange({ location, key, before, after: content, process });
    return true;
  }

  remove(process: SimProcess, location: string, key: string): void {
    const objects = this.objects(location);
    const before = objects.get(key);
    if (before === undefined) return;
    objects.delete(key);
    this.onChange({ location, key, before, after: undefined, process });
  }

  takeFault(process: SimProcess): StoreFault | undefined {
    return this.faults.get(process.id)?.shift();
  }
}

/** Objects that one request of a listing returns: a listing is not one moment. */
const PAGE = 5;
/** The longest that a request which was given up is still under way. */
const LATE_MS = 20_000;

/** The stores of one process. */
export class SimStores extends Stores {
  constructor(
    readonly space: ObjectSpace,
    readonly process: SimProcess,
  ) {
    super();
  }
  override open(location: string): SimStore {
    return new SimStore(this.space, this.process, location);
  }
  override async requireConditionalWrites(): Promise<void> {}
}

/** A location as one process sees it: each request takes its turn, and may go wrong. */
export class SimStore implements ObjectStore {
  constructor(
    readonly space: ObjectSpace,
    readonly process: SimProcess,
    readonly uri: string,
  ) {}

  locate(key: string): string {
    return `${this.uri}/${key}`;
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#ask(`head ${key}`, () => this.#info(key));
  }

  async readRange(): Promise<Uint8Array> {
    throw new Error('nothing reads ranges here');
  }

  async copyRange(): Promise<void> {
    throw new Error('nothing copies ranges here');
  }

  read(key: string): Promise<Uint8Array | undefined> {
    return this.#ask(`read ${key}`, () => this.space.objects(this.uri).get(key));
  }

  async localCopy(): Promise<LocalCopy | undefined> {
    throw new Error('nothing is local here');
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    let after = '';
    for (;;) {
      const from = after;
      const page = await this.#ask(`list ${prefix} after "${from}"`, () =>
        this.space
          .keys(this.uri, prefix)
          .filter((key) => key > from)
          .slice(0, PAGE)
          .flatMap((key) => this.#info(key) ?? []),
      );
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)?.key ?? '';
    }
  }

  create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    if (!(content instanceof Uint8Array)) throw new Error('only bytes are created here');
    const bytes = Uint8Array.from(content);
    return this.#ask(
      `create ${key}`,
      () => (this.space.put(this.process, this.uri, key, bytes) ? 'created' : 'exists'),
      // The answer was lost, and a look finds an object.
      () => 'exists',
    );
  }

  async replace(): Promise<void> {
    throw new Error('nothing is replaced');
  }

  delete(key: string): Promise<void> {
    return this.#ask(`delete ${key}`, () => this.space.remove(this.process, this.uri, key));
  }

  async close(): Promise<void> {}

  #info(key: string): ObjectInfo | undefined {
    const bytes = this.space.objects(this.uri).get(key);
    return bytes === undefined ? undefined : { key, bytes: bytes.length, etag: 'e' };
  }

  #ask<T>(label: string, effect: () => T, whenLost?: () => T): Promise<T> {
    const { world } = this.space;
    return world.op(this.process, `${this.uri} ${label}`, () => {
      const fault = this.space.takeFault(this.process);
      if (fault === undefined) return effect();
      world.note(`${this.process.id}: fault ${fault} of ${label}`);
      if (fault === 'after' || fault === 'exists') effect();
      if (fault === 'exists' && whenLost !== undefined) return whenLost();
      if (fault === 'late') {
        const due = world.now + world.random() * LATE_MS;
        void world.op(world.network, `${label} of ${this.process.id}, late`, effect, { due });
      }
      throw new ShardmillError('STORE_UNREACHABLE', `no answer to ${label}`, { where: this.uri });
    });
  }
}
