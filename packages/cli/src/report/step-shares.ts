/** A step of parts with its time. */
export interface StepShare {
  readonly name: string;
  readonly meaning: string;
  readonly seconds: number;
  /** Of the time of all parts, 0 to 1. */
  readonly share: number;
  /** Whether its time is within that of other steps. */
  readonly inside: boolean;
}

/** Steps that follow on each other in a part. */
const STEPS: Readonly<Record<string, string>> = {
  stage: 'fetching the input',
  singlePass: 'reading, scoring and writing in one pass',
  scanAndInfer: 'reading the features and scoring',
  write: 'writing the result',
  readBack: 'reading the result back',
  publish: 'publishing it',
};

/** Steps that are within others, summed over lanes, which work side by side. */
const WITHIN: Readonly<Record<string, string>> = {
  infer: 'in the model, all lanes together',
  challengers: 'in the challengers, all lanes together',
  treeKernel: 'in the generated code of tree ensembles',
  textTables: 'in the tables of texts',
};

/** The steps in the order of their time; those that are within others apart. */
export function stepShares(steps: Readonly<Record<string, number>>): {
  readonly parts: StepShare[];
  readonly within: StepShare[];
} {
  const entries = Object.entries(steps);
  const total = entries.reduce((sum, [name, s]) => (name in WITHIN ? sum : sum + s), 0);
  const shareOf = (inside: boolean): StepShare[] =>
    entries
      .filter(([name]) => name in WITHIN === inside)
      .map(([name, seconds]) => ({
        name,
        meaning: WITHIN[name] ?? STEPS[name] ?? 'another step',
        seconds,
        share: total > 0 ? Math.min(1, seconds / total) : 0,
        inside,
      }))
      .toSorted((a, b) => b.seconds - a.seconds);
  return { parts: shareOf(false), within: shareOf(true) };
}
