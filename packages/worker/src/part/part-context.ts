import type { ObjectRef } from '@shardmill/core';
import type { DuckDBConnection } from '@duckdb/node-api';
import type {
  ChallengerState,
  KeyState,
  ObjectStore,
  OutputStatistics,
  PartRecord,
  PlannedShard,
  Semaphore,
  RejectedReasons,
} from '@shardmill/core';
import type { Database } from '../duckdb/open-database.js';
import type { ImageLoader } from '../images/image-loader.js';
import type { LanePool } from '../lane/lane-pool.js';
import type { PartProfile } from '../profile/part-profile.js';
import type { FeedPool } from '../scan/batch-builder.js';
import type { LoadedTransform } from '../scan/transform-batch.js';
import type { ShardFiles } from '../stage/input-files.js';
import type { TextTokenizer } from '../text/text-tokenizer.js';
import type { KnownDamage } from './known-damage.js';
import type { PartProgress } from './part-progress.js';
import type { RunSettings } from './run-settings.js';
import type { SinglePass } from './single-pass/single-pass.js';
import type { ChallengerInference, OpenChallenger } from './two-pass/score-challenger.js';

export interface PartContext {
  readonly settings: RunSettings;
  /** All of the run's lanes; without a single pass they are there from the beginning. */
  readonly lanes: () => Promise<LanePool>;
  /** Undefined where every part is written in two passes. */
  readonly singlePass: SinglePass | undefined;
  readonly feeds: FeedPool;
  /** Models that score beside the run's own. */
  readonly challengers: readonly OpenChallenger[];
  readonly transform: LoadedTransform | undefined;
  /** Undefined where no feature is one of images. */
  readonly images: ImageLoader | undefined;
  /** Where a feature is made of tokens. */
  readonly tokenizer: TextTokenizer | undefined;
  /** The store of the output. */
  readonly store: ObjectStore;
  readonly files: ShardFiles;
  /** Where a file of the input is read, once its part is staged. */
  readonly pathOf: (uri: string) => string;
  readonly scans: Semaphore;
  /** Limits the parts whose results are kept in a table until they are published. */
  readonly tables: Semaphore;
  readonly progress: (progress: PartProgress) => void;
  readonly shard: PlannedShard;
  readonly connect: () => Promise<DuckDBConnection>;
  /** Opens another database with the same options. */
  readonly openDatabase: () => Promise<Database>;
  /** What was found in the input of the run. */
  readonly damage: KnownDamage;
  readonly signal: AbortSignal;
}

export interface ScoredPart {
  readonly record: PartRecord;
  readonly statistics: Record<string, OutputStatistics>;
  readonly profile: PartProfile;
  /** Undefined where the run has no challengers. */
  readonly challengers: readonly ChallengerState[] | undefined;
  /** Undefined where no check is of a key. */
  readonly keys: readonly KeyState[] | undefined;
  /** Undefined where no row was rejected. */
  readonly rejectedReasons: RejectedReasons | undefined;
  /** Bytes of the input that were fetched for it. */
  readonly bytesRead: number;
  /** Another attempt published it first, while it was made here. */
  readonly madeByAnother?: boolean;
}

/** What the model is run with. */
export type Inference = Pick<PartContext, 'lanes' | 'singlePass' | 'tokenizer'> & {
  readonly challengers: readonly ChallengerInference[];
};

/** The stored object of a part's rejected rows, with their reasons. */
export interface RejectsObject {
  readonly object: ObjectRef;
  readonly reasons: RejectedReasons;
}
