/**
 * Characters that steer a terminal, or the direction or the visibility of text: control characters
 * but for the line break and the tab, bidirectional controls, line separators of Unicode, the byte
 * order mark and tags.
 */
const CONTROLS =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\udb40[\udc00-\udc7f]/g;

/**
 * Text from outside (names and values in files, messages of other programs) as it may be printed:
 * what could steer a terminal or hide text is written as `\u001b`. In a JSON document the same text
 * is meant as before.
 */
export function showControls(text: string): string {
  return text.replaceAll(CONTROLS, (found) =>
    Array.from(
      { length: found.length },
      (_, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
