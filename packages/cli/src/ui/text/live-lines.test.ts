import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../../testing/samples.js';
import { screenOf } from '../../testing/screen.js';
import { LiveLines } from './live-lines.js';

function open() {
  const terminal = captureTerminal('/data', true);
  const live = new LiveLines(terminal);
  return { live, screen: () => screenOf(terminal.stderr()), output: terminal.stderr };
}

describe('lines that are drawn again', () => {
  it('replace those drawn before, also with more or fewer of them', () => {
    const { live, screen } = open();
    live.draw(['one', 'two longer', 'three']);
    expect(screen()).toEqual(['one', 'two longer', 'three']);
    live.draw(['1', '2']);
    expect(screen()).toEqual(['1', '2']);
    live.draw(['a', 'b', 'c', 'd']);
    expect(screen()).toEqual(['a', 'b', 'c', 'd']);
    live.close();
  });

  it('go on below a line that stays', () => {
    const { live, screen } = open();
    live.draw(['a', 'b']);
    live.print('notice');
    expect(screen()).toEqual(['notice', 'a', 'b']);
    live.draw(['c']);
    expect(screen()).toEqual(['notice', 'c']);
    live.close();
    expect(screen()).toEqual(['notice', '']);
  });

  it('are cut to the width, and nothing is written where nothing changes', () => {
    const { live, screen, output } = open();
    live.draw(['x'.repeat(200)]);
    expect(screen()).toEqual([`${'x'.repeat(78)}…`]);
    const before = output();
    live.draw(['x'.repeat(200)]);
    expect(output()).toBe(before);
    live.close();
  });

  it('give the cursor back', () => {
    const { live, output } = open();
    live.draw(['a']);
    expect(output()).toContain('\x1b[?25l');
    live.close();
    expect(output().endsWith('\x1b[?25h')).toBe(true);
  });
});
