import { isS3, parseS3 } from '@shardmill/core';

/** How a dataset is named, so that the events of other programs name it alike. */
export interface DatasetName {
  readonly namespace: string;
  readonly name: string;
}

/** Datasets of one input; where it has more locations, the folder above all of them is named. */
const MAX_LOCATIONS = 10;

/**
 * By OpenLineage's naming: `s3://bucket` and the key, or `file` and the absolute path.
 * @param location absolute, as `resolveLocation` gives it.
 */
export function datasetName(location: string): DatasetName {
  if (isS3(location)) {
    const { bucket, key } = parseS3(location);
    return { namespace: `s3://${bucket}`, name: key === '' ? '/' : key };
  }
  return { namespace: 'file', name: location === '/' ? location : location.replace(/\/+$/, '') };
}

/** The datasets of an input: of a pattern its folder, each once, in the order of the locations. */
export function inputNames(locations: readonly string[]): DatasetName[] {
  const whole = [...new Set(locations.map(withoutPattern))];
  const few = whole.length > MAX_LOCATIONS ? commonFolders(whole) : whole;
  return few.map(datasetName);
}

/** `s3://lake/events/*.parquet` is of `s3://lake/events`. */
function withoutPattern(location: string): string {
  const at = location.search(/[*?[{]/);
  return at < 0 ? location : location.slice(0, location.lastIndexOf('/', at)) || '/';
}

/** The deepest folder above all of one bucket, or of this machine. */
function commonFolders(locations: readonly string[]): string[] {
  const byRoot = new Map<string, string[]>();
  for (const location of locations) {
    const root = isS3(location) ? parseS3(location).bucket : '';
    const segments = location.split('/');
    const known = byRoot.get(root) ?? segments;
    const differs = known.findIndex((segment, index) => segment !== segments[index]);
    byRoot.set(root, differs < 0 ? known : known.slice(0, differs));
  }
  return [...byRoot.values()].map((segments) => segments.join('/') || '/');
}
