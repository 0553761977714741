import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '@shardmill/core';

/**
 * Remembers on disk what a model's objects were when they were fetched, so that one that is not
 * pinned is not fetched for every plan. What it says is only believed while all ETags are the same.
 */
export class SeenModels {
  constructor(
    readonly folder: string,
    /** The ETag of an object now, or undefined where there is none. */
    readonly etagOf: (uri: string) => Promise<string | undefined>,
  ) {}

  /** Which digest the objects of a model stood for that are still there unchanged. */
  async find(model: string): Promise<string | undefined> {
    const text = await readFile(this.#file(model), 'utf8').catch(() => '');
    const [digest = '', ...objects] = text.trimEnd().split('\n');
    if (!/^[0-9a-f]{64}$/.test(digest) || objects.length === 0) return undefined;
    const same = await Promise.all(
      objects.map(async (line) => {
        const [etag = '', uri = ''] = line.split('\t');
        return etag !== '' && (await this.etagOf(uri)) === etag;
      }),
    );
    return same.every(Boolean) ? digest : undefined;
  }

  /** @param etags of the model and of its weights, by location. */
  async remember(model: string, digest: string, etags: ReadonlyMap<string, string>): Promise<void> {
    const lines = [...etags].map(([uri, etag]) => `${etag}\t${uri}\n`);
    try {
      await makeFolder(this.folder);
      await writeFile(this.#file(model), `${digest}\n${lines.join('')}`);
    } catch {
      // Then it is fetched once more.
    }
  }

  #file(model: string): string {
    return path.join(this.folder, createHash('sha256').update(model).digest('hex'));
  }
}
