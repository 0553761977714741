import path from 'node:path';

/** An absolute path relative to `cwd` where that is shorter; other text as it is. */
export function shortPath(location: string, cwd: string): string {
  if (!path.isAbsolute(location)) return location;
  const relative = path.relative(cwd, location);
  if (relative === '') return '.';
  return relative.length < location.length ? relative : location;
}

/** The same for every absolute path in a message. URIs are left alone. */
export function shortenPaths(text: string, cwd: string): string {
  const below = cwd.endsWith(path.sep) ? cwd : cwd + path.sep;
  // Paths below the working directory first: those may hold spaces.
  return text
    .replaceAll(below, (match, at: number) => (startsPath(text, at) ? '' : match))
    .replaceAll(/(?<![\w.:/~-])\/[^\s"'`,;:()]+/g, (match) => shortPath(match, cwd));
}

function startsPath(text: string, at: number): boolean {
  return at === 0 || !/[\w.:/~-]/.test(text.charAt(at - 1));
}
