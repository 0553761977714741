import { FileStore, type ObjectContent, type ObjectInfo } from '@shardmill/core';

/** A folder as a store that counts what is asked of it. */
export class CountingStore extends FileStore {
  reads = 0;
  listed = 0;
  /** Called with every object that was created. */
  onCreated: (key: string) => void = () => {};

  override async read(key: string): Promise<Uint8Array | undefined> {
    this.reads++;
    return super.read(key);
  }

  override async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for await (const info of super.list(prefix)) {
      this.listed++;
      yield info;
    }
  }

  override async create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    const answer = await super.create(key, content);
    if (answer === 'created') this.onCreated(key);
    return answer;
  }
}
