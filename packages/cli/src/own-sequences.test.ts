import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { ownColors, ownSequences, writtenText } from './own-sequences.js';
import type { Colors } from './ui/style.js';
import { cutLine, visibleLength } from './ui/text-layout.js';

const plain = picocolors.createColors(true);
const own = ownColors(plain);

describe('what is written to a terminal', () => {
  it("has this program's own colours, nested ones too", () => {
    const nested = (colors: Colors): string =>
      colors.red(`a ${colors.yellow('b')} c ${colors.bold('d')}`);
    expect(writtenText(nested(own))).toBe(nested(plain));
  });

  it("has this program's own movements of the cursor", () => {
    expect(writtenText(ownSequences('\r\x1b[2K\x1b[?25l\x1b[3A'))).toBe(
      '\x1b[G\x1b[2K\x1b[?25l\x1b[3A',
    );
  });

  it('has none from outside, within colours neither', () => {
    expect(writtenText(own.red('x\x1b[0m\x1b[2J\ry'))).toBe(
      plain.red('x\\u001b[0m\\u001b[2J\\u000dy'),
    );
  });

  it('is laid out by what is seen of it', () => {
    expect(visibleLength(own.bold('four'))).toBe(4);
    expect(writtenText(cutLine(own.red('four and more'), 5, ownSequences('\x1b[0m')))).toBe(
      '\x1b[31mfour…\x1b[0m',
    );
  });
});
