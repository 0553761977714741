import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { ownColors, ownSequences, writtenText } from './own-sequences.js';
import { cutLine, visibleLength } from './ui/text/text-layout.js';

const plain = picocolors.createColors(true);
const own = ownColors(plain);

describe('what is written to a terminal', () => {
  it("has this program's own colours, nested ones too", () => {
    const nested = own.red(`a ${own.yellow('b')} c ${own.bold('d')}`);
    // After an inner colour the outer one begins again.
    expect(writtenText(nested)).toBe(
      '\x1b[31ma \x1b[33mb\x1b[39m\x1b[31m c \x1b[1md\x1b[22m\x1b[39m',
    );
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
