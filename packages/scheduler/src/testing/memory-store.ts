import {
  type LocalCopy,
  type ObjectContent,
  type ObjectInfo,
  type ObjectStore,
  ShardmillError,
} from '@shardmill/core';

/** An object store in memory; stores of one `objects` share what they hold. */
export class MemoryStore implements ObjectStore {
  constructor(
    readonly uri: string,
    readonly objects = new Map<string, Uint8Array>(),
  ) {}

  locate(key: string): string {
    return `${this.uri}/${key}`;
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#info(key);
  }

  async readRange(key: string, start: number, end: number): Promise<Uint8Array> {
    return this.#bytes(key).slice(start, end);
  }

  async copyRange(): Promise<void> {
    throw new Error('nothing is copied');
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    return this.objects.get(key);
  }

  async localCopy(): Promise<LocalCopy | undefined> {
    throw new Error('nothing is local');
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix));
    for (const key of keys.toSorted()) {
      const info = this.#info(key);
      if (info !== undefined) yield info;
    }
  }

  async create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    if (!(content instanceof Uint8Array)) throw new Error('only bytes');
    if (this.objects.has(key)) return 'exists';
    this.objects.set(key, content.slice());
    return 'created';
  }

  async replace(key: string, content: Uint8Array): Promise<void> {
    this.objects.set(key, content.slice());
  }

  async delete(key: string): Promise<void> {
    this.objects.delete(key);
  }

  async close(): Promise<void> {}

  #info(key: string): ObjectInfo | undefined {
    const bytes = this.objects.get(key);
    return bytes === undefined ? undefined : { key, bytes: bytes.length, etag: `e${bytes.length}` };
  }

  #bytes(key: string): Uint8Array {
    const bytes = this.objects.get(key);
    if (bytes !== undefined) return bytes;
    throw new ShardmillError('INPUT_NOT_FOUND', 'there is no such object', {
      where: this.locate(key),
    });
  }
}
