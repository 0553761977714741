/** A change to a file as the tests load it: its source beside them, or what was built of it. */
interface Edit {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
}

/** One guard taken out of the product, and the tests that must then fail. */
export interface Mutation {
  /** The guard that is missing. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Quick ones that hold the guard; paths from the root of the repository. */
  readonly tests: readonly string[];
  /** Names of tests among them: a regular expression. */
  readonly only: string;
}
