import { MemoryStore } from './memory-store.js';

/** A store in memory with something to do before each call. */
export abstract class InterceptedStore extends MemoryStore {
  protected abstract beforeCall(): Promise<void>;

  override async create(...args: Parameters<MemoryStore['create']>) {
    await this.beforeCall();
    return super.create(...args);
  }
  override async read(key: string) {
    await this.beforeCall();
    return super.read(key);
  }
  override async head(key: string) {
    await this.beforeCall();
    return super.head(key);
  }
  override async delete(key: string) {
    await this.beforeCall();
    return super.delete(key);
  }
  override async *list(prefix: string) {
    await this.beforeCall();
    yield* super.list(prefix);
  }
}
