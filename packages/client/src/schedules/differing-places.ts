/** Places, such as `job.input.uri`, at which two values of JSON differ; the order of keys counts. */
export function differingPlaces(a: unknown, b: unknown, place = ''): string[] {
  if (isRecord(a) && isRecord(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    const below = names.flatMap((name) =>
      differingPlaces(a[name], b[name], place === '' ? name : `${place}.${name}`),
    );
    const sameOrder = Object.keys(a).join('\n') === Object.keys(b).join('\n');
    return below.length > 0 || sameOrder || !ORDERED.test(place) ? below : [place];
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [place];
}

/** Output columns may be made of those before them. */
const ORDERED = /^job\.output\.columns$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
