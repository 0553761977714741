import type { ShapeRequest } from './shape-request.js';

/** Inputs that are no plain numbers, with a model for them. */
export interface Shape extends Pick<ShapeRequest, 'model' | 'data' | 'inputs' | 'outputs'> {
  readonly name: string;
  readonly rows: number;
  /** The job's `features`. */
  readonly features: Readonly<Record<string, unknown>>;
  /** Columns of the result, one of them `score`. */
  readonly columns: Readonly<Record<string, string>>;
  readonly loop: LoopColumns;
  readonly goals: ShapeGoals;
}

/** What the plain loop does with a shape. */
interface LoopColumns {
  /** Input columns to hand on, before the score. */
  readonly columns: readonly string[];
  /** The element of the first output that is the score; null where it is all of them. */
  readonly element: number | null;
}

interface ShapeGoals {
  /** Rows per second, as a multiple of those of ONNX Runtime alone. */
  readonly runtime?: number;
  /** As a multiple of those of the plain loop. */
  readonly loop: number;
  /** Peak memory, below which it has to stay. */
  readonly peakBytes?: number;
}
