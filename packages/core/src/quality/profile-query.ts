/** SQL over the profile of a run, whose rows are what is wrong. */
export interface ProfileQuery {
  /** A row for each column of the profile, as JSON: see `profileRows`. */
  readonly profile: readonly string[];
  readonly sql: string;
}

/** What came of it. */
export type ProfileAnswer =
  | {
      /** The first rows, each as JSON. */
      readonly rows: readonly string[];
      /** Whether there are more. */
      readonly more: boolean;
    }
  /** Why it could not be run: a value that has not the type that was expected, time, memory. */
  | { readonly fault: string };

/** Runs queries one after the other, in a process of their own, and under limits. */
export type QueryProfile = (
  profile: readonly string[],
  queries: readonly string[],
) => Promise<readonly ProfileAnswer[]>;
