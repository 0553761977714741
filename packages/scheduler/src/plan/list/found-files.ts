import { type InputFile, mapConcurrent, type ReadInput } from '@shardmill/core';
import { kindOfName } from './input-names.js';
import { inByteOrder } from './input-source.js';
import { NameSample } from './name-sample.js';

const LOOKS_AT_ONCE = 32;
const MAGIC = 'PAR1';

/** The files of folders, by whether they are read. */
export interface DividedFiles {
  /** In the order of their paths' bytes. */
  readonly parquet: readonly InputFile[];
  /** Visible files that are not read. */
  readonly others: NameSample;
}

/**
 * Collects the visible files of folders: those that are named as Parquet are read, and those whose
 * names say nothing if they begin as Parquet does.
 */
export class FoundFiles {
  readonly #parquet = new Map<string, InputFile>();
  readonly #unknown = new Map<string, InputFile>();
  readonly #others = new NameSample();

  add(file: InputFile): void {
    const kind = kindOfName(file.uri.slice(file.uri.lastIndexOf('/') + 1));
    if (kind === 'parquet') this.#parquet.set(file.uri, file);
    else if (kind === 'unknown') this.#unknown.set(file.uri, file);
    else this.skip(file.uri);
  }

  /** Counts a file that is not read. */
  skip(uri: string): void {
    this.#others.add(uri);
  }

  /** Takes a file as Parquet whatever its name is: the job names it. */
  addNamed(file: InputFile): void {
    this.#parquet.set(file.uri, file);
  }

  /** @throws INPUT_UNREADABLE, INPUT_CHANGED, STORE_… */
  async divide(read: ReadInput): Promise<DividedFiles> {
    const unknown = [...this.#unknown.values()].filter(({ uri }) => !this.#parquet.has(uri));
    const found = await mapConcurrent(unknown, LOOKS_AT_ONCE, (file) =>
      beginsAsParquet(read, file),
    );
    for (const [index, file] of unknown.entries()) {
      if (found[index] === true) this.#parquet.set(file.uri, file);
      else this.#others.add(file.uri);
    }
    const parquet = inByteOrder([...this.#parquet.keys()]).flatMap(
      (uri) => this.#parquet.get(uri) ?? [],
    );
    return { parquet, others: this.#others };
  }
}

async function beginsAsParquet(read: ReadInput, file: InputFile): Promise<boolean> {
  if (file.bytes < MAGIC.length) return false;
  const first = await read(file, 0, MAGIC.length);
  return Buffer.from(first).toString('latin1') === MAGIC;
}
