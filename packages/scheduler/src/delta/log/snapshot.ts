import { ShardmillError } from '@shardmill/core';
import {
  type Action,
  type AddFile,
  fileKeyOf,
  type Protocol,
  type TableMetadata,
} from './actions.js';

/** The state of a table at one version. */
export interface Snapshot {
  readonly version: number;
  readonly protocol: Protocol;
  readonly metadata: TableMetadata;
  /** By `fileKeyOf`. */
  readonly files: ReadonlyMap<string, AddFile>;
  /** The last version of each application, by its id. */
  readonly transactions: ReadonlyMap<string, number>;
}

/** Files of one version; more of them do not fit into the memory of planning. */
const MAX_FILES = 1_000_000;

/** Applies actions in the order of their versions: the last one of a kind counts. */
export class Replay {
  #protocol: Protocol | undefined;
  #metadata: TableMetadata | undefined;
  readonly #files = new Map<string, AddFile>();
  readonly #transactions = new Map<string, number>();

  constructor(readonly where: string) {}

  /** Goes on from a state that is known. */
  static after(snapshot: Snapshot, where: string): Replay {
    const replay = new Replay(where);
    replay.#protocol = snapshot.protocol;
    replay.#metadata = snapshot.metadata;
    for (const [key, file] of snapshot.files) replay.#files.set(key, file);
    for (const [app, version] of snapshot.transactions) replay.#transactions.set(app, version);
    return replay;
  }

  /** @throws TABLE_UNSUPPORTED */
  apply({ protocol, metaData, add, remove, txn, sidecar }: Action): void {
    if (protocol) this.#protocol = protocol;
    if (metaData) this.#metadata = metaData;
    if (txn) this.#transactions.set(txn.appId, txn.version);
    if (remove) this.#files.delete(fileKeyOf(remove));
    if (add) {
      this.#files.set(fileKeyOf(add), add);
      if (this.#files.size > MAX_FILES) {
        throw this.#unsupported(
          `the table has more than ${MAX_FILES} files`,
          'Compact the table (OPTIMIZE), so that it has fewer files.',
        );
      }
    }
    if (sidecar) {
      throw this.#unsupported(
        'the checkpoint is a V2 one, which lists its files in sidecars (v2Checkpoint); these are not read',
        "Set the table's delta.checkpointPolicy to classic and have a checkpoint made.",
      );
    }
  }

  /** @throws TABLE_LOG_DAMAGED */
  snapshot(version: number): Snapshot {
    if (this.#protocol === undefined || this.#metadata === undefined) {
      const lacking = this.#protocol === undefined ? 'protocol' : 'metaData';
      throw new ShardmillError(
        'TABLE_LOG_DAMAGED',
        `no action up to version ${version} gives the table's ${lacking}`,
        { where: this.where },
      );
    }
    return {
      version,
      protocol: this.#protocol,
      metadata: this.#metadata,
      files: this.#files,
      transactions: this.#transactions,
    };
  }

  #unsupported(message: string, remedy: string): ShardmillError {
    return new ShardmillError('TABLE_UNSUPPORTED', message, { where: this.where, remedy });
  }
}
