import { randomInt } from 'node:crypto';
import { showControls } from '@shardmill/core';
import { COLOR_NAMES, type Colors } from './ui/text/style.js';

/**
 * Control sequences of this program's own carry numbers that no input can know, until they are
 * written: so whatever else is a control character came from outside, and is shown as an escape.
 */
const MARK = `\x1b[${digits()};${digits()};${digits()};`;

/** Numbers of control sequences have four digits at most. */
function digits(): number {
  return randomInt(1000, 10_000);
}

/** Control sequences that this program wants to write. */
export function ownSequences(text: string): string {
  // A carriage return as the sequence that does the same.
  return text.replaceAll('\x1b[', MARK).replaceAll('\r', `${MARK}G`);
}

/** What is written: own sequences as they are, those from outside as text. */
export function writtenText(text: string): string {
  return text.split(MARK).map(showControls).join('\x1b[');
}

/** The same colours, of own sequences. */
export function ownColors(colors: Colors): Colors {
  if (!colors.isColorSupported) return colors;
  const own = { ...colors };
  for (const name of COLOR_NAMES) own[name] = ownColor(colors[name]);
  return own;
}

type Color = Colors['red'];

function ownColor(color: Color): Color {
  const [begin = '', end = ''] = color('|').split('|').map(ownSequences);
  // Within it another colour may end with the same sequence.
  return (text) => `${begin}${String(text).replaceAll(end, end + begin)}${end}`;
}
