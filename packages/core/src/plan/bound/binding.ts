import type { Job } from '../../job/job-schema.js';
import type { InputFile } from '../../store/read-input.js';
import type {
  BoundChallenger,
  Column,
  ColumnUse,
  ModelFile,
  ModelWork,
  Scoring,
  TensorInfo,
} from '../plan-schema.js';
import type { Predicate } from './predicate.js';

/**
 * What the planner needs from the engine, which alone has DuckDB and ONNX Runtime. The planner is
 * given an implementation, so that the scheduler needs no native code in its own process.
 */
export interface JobBinder {
  /**
   * Columns of a Parquet file, of which only the footer is read.
   * @throws INPUT_NOT_PARQUET, INPUT_UNREADABLE, INPUT_CHANGED
   */
  describeInput(file: InputFile): Promise<Column[]>;

  /**
   * The actions of a checkpoint of a Delta Lake table that make up its state, as lines of JSON like
   * those of its log. Removed files are left out.
   * @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED where it is too large
   */
  readCheckpoint(file: InputFile): Promise<string[]>;

  /**
   * Checks the job against the input's columns and the model's own inputs and outputs.
   * @throws MODEL_…, COLUMN_NOT_FOUND, FEATURE_…, EXPRESSION_…, TRANSFORM_INVALID
   */
  bindJob(request: BindRequest): Promise<BoundJob>;
}

export interface BindRequest {
  /** With parameters filled in; without functions (a transform is loaded from `jobFile`). */
  readonly job: Job;
  /** Absolute path of the definition: messages name it, relative paths start at its folder. */
  readonly jobFile: string;
  /** Columns that expressions may use, partition columns included. */
  readonly columns: readonly Column[];
}

export interface BoundJob {
  /** Input columns that any expression uses, by their own spelling, in the input's order. */
  readonly used: readonly string[];
  readonly where: string | null;
  /** `where` as far as statistics can decide it. */
  readonly predicate: Predicate;
  readonly model: Scoring['model'];
  readonly features: Scoring['features'];
  /** Without how many rows are ranked, which the rows of the plan decide. */
  readonly challengers?: readonly Omit<BoundChallenger, 'rankEvery'>[] | undefined;
  /** Where a feature is made of tokens. */
  readonly text?: Scoring['text'];
  readonly transform: Scoring['transform'];
  readonly outputColumns: Scoring['output']['columns'];
  /** Whether they use `_file` and `_row`, which the input does not have. */
  readonly origin?: true | undefined;
  /** Integers and decimals that expressions take as floating point numbers without saying so. */
  readonly rounded: readonly RoundedColumn[];
  /** Columns that features take as they are; none behind a transform. */
  readonly plain: readonly PlainFeature[];
  /** Sentences for the plan's `notices`. */
  readonly notices: readonly string[];
  /** Where the output's columns come from, for lineage. */
  readonly columnUse?: ColumnUse | undefined;
  /** The work for one row; it decides how many rows a part has. */
  readonly work?: ModelWork | undefined;
}

/** A feature that is nothing but a column of the input. */
export interface PlainFeature {
  readonly column: string;
  /** Whether the model's input is of floats, which can be NaN. */
  readonly float: boolean;
}

export interface RoundedColumn {
  /** The name of the input's column. */
  readonly column: string;
  readonly type: string;
  readonly as: 'FLOAT' | 'DOUBLE';
  /** Where in the job the expression stands, and its text. */
  readonly where: string;
  readonly sql: string;
}

/** An ONNX model as `inspect` shows it. */
export interface ModelDescription extends ModelFile {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly (
    | TensorInfo
    | { readonly name: string; readonly type: 'non-tensor' }
  )[];
  readonly opsets: Readonly<Record<string, number>>;
  readonly irVersion: number;
  readonly producer: string;
  readonly externalData: readonly ModelFile[];
  /** What the exporter wrote into the file, by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of the graph's operators, each once. */
  readonly operators: readonly string[];
  /** Classes of the outputs that are maps (ZipMap) in the file, and tensors here, by output. */
  readonly zipMaps: Readonly<Record<string, readonly string[]>>;
}
