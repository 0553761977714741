import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type LocalCopy,
  type ObjectContent,
  type ObjectInfo,
  type ObjectStore,
  ShardmillError,
} from '@shardmill/core';

/** What all processes of a simulation share: objects by their folders. */
export class SimObjects {
  readonly folders = new Map<string, Map<string, Uint8Array>>();
  /** Called with every object that was created. */
  onCreated: (key: string, bytes: Uint8Array) => void = () => {};

  folder(key: string): Map<string, Uint8Array> {
    const name = key.slice(0, key.lastIndexOf('/') + 1);
    let folder = this.folders.get(name);
    if (folder === undefined) this.folders.set(name, (folder = new Map()));
    return folder;
  }
}

/** The store as one process sees it: it fails now and then, and for good when the process dies. */
export class SimStore implements ObjectStore {
  readonly uri = 'sim';
  dead = false;
  /** The process dies before it makes one more call than these. */
  callsLeft = Number.POSITIVE_INFINITY;

  constructor(
    readonly objects: SimObjects,
    readonly random: () => number,
    /** Of calls that fail, half of them after they took effect. */
    readonly failing: () => number,
    readonly onFailure: () => void,
  ) {}

  locate(key: string): string {
    return `sim/${key}`;
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#call(() => {
      const bytes = this.objects.folder(key).get(key);
      return bytes && { key, bytes: bytes.length, etag: '' };
    });
  }

  readRange(): Promise<Uint8Array> {
    throw new Error('nothing reads a range');
  }

  copyRange(): Promise<void> {
    throw new Error('nothing copies a range');
  }

  read(key: string): Promise<Uint8Array | undefined> {
    return this.#call(() => this.objects.folder(key).get(key));
  }

  localCopy(): Promise<LocalCopy | undefined> {
    throw new Error('nothing is local');
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const keys = await this.#call(() =>
      [...this.objects.folder(prefix).keys()].filter((key) => key.startsWith(prefix)).toSorted(),
    );
    for (const key of keys) yield { key, bytes: 0, etag: '' };
  }

  create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    return this.#call(() => {
      if (!(content instanceof Uint8Array)) throw new Error('only bytes');
      const folder = this.objects.folder(key);
      if (folder.has(key)) return 'exists';
      folder.set(key, content);
      this.objects.onCreated(key, content);
      return 'created';
    });
  }

  replace(key: string, content: Uint8Array): Promise<void> {
    return this.#call(() => {
      this.objects.folder(key).set(key, content);
    });
  }

  delete(key: string): Promise<void> {
    return this.#call(() => {
      this.objects.folder(key).delete(key);
    });
  }

  async close(): Promise<void> {}

  /** One request: others come between, and it may be lost on the way there or on the way back. */
  async #call<T>(work: () => T): Promise<T> {
    const fails = this.random() < this.failing();
    if (this.random() < 0.05) await nextTurn();
    else await Promise.resolve();
    if (this.callsLeft-- <= 0) this.dead = true;
    if (this.dead) throw new Error('the process is dead');
    if (fails) this.onFailure();
    if (fails && this.random() < 0.5) throw unreachable();
    const answer = work();
    if (fails) throw unreachable();
    return answer;
  }
}

const unreachable = (): ShardmillError =>
  new ShardmillError('STORE_UNREACHABLE', 'the store does not answer');
