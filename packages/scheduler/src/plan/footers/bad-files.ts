import { type ErrorCode, ShardmillError } from '@shardmill/core';

/**
 * Files of an input that cannot be scored: all of them are counted and the first few are named, so
 * that a person does not meet them one run at a time.
 */
export class BadFiles {
  readonly #named: {
    readonly index: number;
    readonly uri: string;
    readonly error: ShardmillError;
  }[] = [];
  #count = 0;

  /** Whether a failure is of the file alone, so that the other files are worth looking at. */
  static holds(error: unknown): error is ShardmillError {
    return error instanceof ShardmillError && OF_A_FILE.includes(error.code);
  }

  /** @param index place of the file in the listing. */
  add(index: number, uri: string, error: ShardmillError): void {
    this.#count++;
    this.#named.push({ index, uri, error });
    this.#named.sort((a, b) => a.index - b.index);
    this.#named.length = Math.min(this.#named.length, MAX_NAMED);
  }

  /** @throws the error of the first of them, with the others in its message. */
  refuse(files: number): void {
    const [first, ...others] = this.#named;
    if (first === undefined) return;
    const { error, uri } = first;
    if (this.#count === 1) throw withPlace(error, uri, error.message);
    const list = others.map(
      (other) => `${other.uri} (${other.error.code}: ${other.error.message})`,
    );
    const more = this.#count - this.#named.length;
    if (more > 0) list.push(`and ${more} more`);
    throw withPlace(
      error,
      uri,
      `${error.message}. ${this.#count} of ${files} files cannot be scored; the others are ${list.join('; ')}`,
    );
  }
}

const OF_A_FILE: readonly ErrorCode[] = [
  'INPUT_NOT_PARQUET',
  'INPUT_UNSUPPORTED',
  'INPUT_FOOTER_TOO_LARGE',
];
const MAX_NAMED = 10;

function withPlace(error: ShardmillError, where: string, message: string): ShardmillError {
  return new ShardmillError(error.code, message, { where, remedy: error.remedy, cause: error });
}
