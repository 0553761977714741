import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentOf, settingNames, settingOf } from './settings.js';

const text = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');

/** The line under each setting's heading, by setting, in the document's order. */
const lines = new Map(
  [...text.matchAll(/^### `([^`]+)`\n\n(.+)\n/gm)].map(([, name = '', line = '']) => [name, line]),
);

describe('docs/configuration.md', () => {
  it('has each setting of the table, in its order, and no other', () => {
    expect([...lines.keys()]).toEqual(settingNames());
  });

  it.each(settingNames())('documents flag, variable and default of %s', (name) => {
    const { flag, default: usual, otherwise } = settingOf(name);
    const names = [...(flag === null ? [] : [flag.split(' ')[0] ?? '']), environmentOf(name)];
    const value = usual === null ? `default: ${otherwise}` : `default \`${usual}\``;
    expect(lines.get(name)).toBe(`${names.map((n) => `\`${n}\``).join(', ')} · ${value}`);
  });
});
