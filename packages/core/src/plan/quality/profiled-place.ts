/** A feature or an output of the run that has a profile. */
export interface ProfiledPlace {
  readonly name: string;
  readonly of: 'feature' | 'output';
  readonly type: string;
  /** Texts are profiled before they are tokens, whatever the type of these. */
  readonly holds: 'numbers' | 'texts';
  /** Of a feature: what the job makes it of, a column of the input or an expression. */
  readonly expression?: string | undefined;
}
