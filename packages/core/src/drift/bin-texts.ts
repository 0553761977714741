/** A text of the baseline with the rows of both, or all other texts that the baseline has. */
interface TextBin {
  /** Null stands for the less frequent texts of the baseline together. */
  readonly text: string | null;
  readonly baseline: number;
  readonly current: number;
}

export interface TextBins {
  readonly bins: readonly TextBin[];
  /** Rows of the run with texts that the baseline does not have. */
  readonly beyond: number;
  /** What a test compares: the texts of both. */
  readonly classes: readonly Pick<TextBin, 'baseline' | 'current'>[];
}

/** Of more different texts, the less frequent ones are one bin. */
const MAX_TEXTS = 20;

/** Divides the rows of both by the texts of the baseline, the most frequent first. */
export function binTexts(
  baseline: readonly (readonly [string, number])[],
  current: readonly (readonly [string, number])[],
): TextBins {
  const now = new Map(current);
  const frequent = baseline.toSorted(([, a], [, b]) => b - a);
  const bins: TextBin[] = frequent
    .slice(0, MAX_TEXTS)
    .map(([text, rows]) => ({ text, baseline: rows, current: now.get(text) ?? 0 }));
  const rest = frequent.slice(MAX_TEXTS);
  if (rest.length > 0) {
    bins.push({
      text: null,
      baseline: rest.reduce((sum, [, rows]) => sum + rows, 0),
      current: rest.reduce((sum, [text]) => sum + (now.get(text) ?? 0), 0),
    });
  }
  const all = current.reduce((sum, [, rows]) => sum + rows, 0);
  const before = new Map(baseline);
  const classes = [...new Set([...before.keys(), ...now.keys()])].map((text) => ({
    baseline: before.get(text) ?? 0,
    current: now.get(text) ?? 0,
  }));
  return { bins, beyond: all - bins.reduce((sum, bin) => sum + bin.current, 0), classes };
}
