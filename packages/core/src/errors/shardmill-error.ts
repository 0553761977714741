import { ERRORS, EXIT_CODES, type ErrorCode, type ErrorEntry } from './registry.js';

export interface ErrorDetail {
  /** File, option, column or row: where to look. */
  readonly where?: string | undefined;
  /** What to do next, if better than the registry's general advice. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** The form in which an error crosses a process or a file. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string | undefined;
  readonly remedy: string;
}

/** An error with a code of the registry: what was seen and expected, where, what to do. */
export class ShardmillError extends Error {
  override readonly name = 'ShardmillError';
  readonly where: string | undefined;
  readonly remedy: string;

  constructor(
    readonly code: ErrorCode,
    message: string,
    detail: ErrorDetail = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.where = detail.where;
    this.remedy = detail.remedy ?? ERRORS[code].remedy;
  }

  get entry(): ErrorEntry {
    return ERRORS[this.code];
  }

  get exitCode(): number {
    return EXIT_CODES[this.entry.exit];
  }

  toRecord(): ErrorRecord {
    return { code: this.code, message: this.message, where: this.where, remedy: this.remedy };
  }

  static fromRecord(record: ErrorRecord): ShardmillError {
    return new ShardmillError(record.code, record.message, record);
  }
}

/** Any thrown value as a `ShardmillError`; what has no code becomes `fallback`. */
export function toShardmillError(
  thrown: unknown,
  fallback: ErrorCode = 'INTERNAL',
  detail: ErrorDetail = {},
): ShardmillError {
  if (thrown instanceof ShardmillError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ShardmillError(fallback, message, { cause: thrown, ...detail });
}
