/** The id of a run, as against the relative path of a file. */
const RUN = /^\d{8}T\d{6}Z-[0-9A-Za-z-]{1,64}$/;

/** What `drift.baseline` of a job means. */
export type BaselineReference =
  | { readonly kind: 'previous' }
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'file' | 'training set' | 'output'; readonly location: string };

/** @param resolve gives the absolute form of a location. */
export function readBaselineReference(
  baseline: string,
  resolve: (uri: string) => string,
): BaselineReference {
  if (baseline === 'previous') return { kind: 'previous' };
  if (RUN.test(baseline)) return { kind: 'run', runId: baseline };
  return { kind: kindOf(baseline), location: resolve(baseline) };
}

function kindOf(location: string): 'file' | 'training set' | 'output' {
  if (/\.json$/i.test(location)) return 'file';
  return /\.(parquet|parq)$/i.test(location) ? 'training set' : 'output';
}

/** The same reference, without a relative location. */
export function absoluteBaseline(baseline: string, resolve: (uri: string) => string): string {
  const reference = readBaselineReference(baseline, resolve);
  return 'location' in reference ? reference.location : baseline;
}
