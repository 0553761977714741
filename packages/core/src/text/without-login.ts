/**
 * An address without the user and the password that may be in it, which no message shows.
 * @param shown in their place.
 */
export function withoutLogin(url: string, shown = ''): string {
  // Up to the last @ before the path: a password may hold one, too.
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${shown}`);
}
