import { describe, expect, it } from 'vitest';
import { showControls } from './show-controls.js';

describe('text from outside', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['\u009b2J', '\\u009b2J'],
    ['over\rwritten', 'over\\u000dwritten'],
    ['a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
    ['x\u{e0041}', 'x\\udb40\\udc41'],
    ['\u0000\b\u007f', '\\u0000\\u0008\\u007f'],
  ])('%j is shown as %s', (text, shown) => {
    expect(showControls(text)).toBe(shown);
  });

  it.each(['two\nlines\tand a tab', 'Größe, 大小, גודל, 👩‍👩‍👧, é'])(
    '%j stays as it is',
    (text) => {
      expect(showControls(text)).toBe(text);
    },
  );

  it('means the same in a JSON document', () => {
    const document = { '\\\u202e': '"\u009b\u001b\\' };
    expect(JSON.parse(showControls(JSON.stringify(document)))).toEqual(document);
  });
});
