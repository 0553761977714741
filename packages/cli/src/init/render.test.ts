import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Entry } from './outline.js';
import { renderTypeScript } from './render-typescript.js';
import { renderYaml } from './render-yaml.js';

const texts = [
  'plain',
  'coalesce(total_charges, 0)',
  'probabilities[2]',
  "case when x = 'a' then 1 end",
  `"Total Charges"`,
  `"it's"`,
  'DECIDE: 24 numeric columns',
  'a # b',
  '- a',
  '[a]',
  '{{ ds }}',
  '*',
  'yes',
  'null',
  '0123',
  '1e5',
  '.nan',
  '~',
  ' padded ',
  '',
  'two\nlines',
  'back\\slash',
  'größe',
  '?',
  'x: y',
];
const entries: Entry[] = [
  { key: 'items', value: texts, comment: 'First.\n  as it is' },
  { key: 'odd key: "x"', value: 'a', gap: true },
  { key: 'inner', value: { inner: texts.map((value, i) => ({ key: `k${i}`, value })) } },
  { key: 'off', value: { inner: [{ key: 'deep', value: ['a', 'b'] }] }, off: true },
];

describe('what is written', () => {
  it('is read as the same in YAML', () => {
    expect(parse(renderYaml(entries))).toEqual({
      items: texts,
      'odd key: "x"': 'a',
      inner: Object.fromEntries(texts.map((text, i) => [`k${i}`, text])),
    });
  });

  it('is read as the same in TypeScript', async () => {
    const text = renderTypeScript(entries).replace(
      /^import.*$/m,
      'const defineJob = (job) => job;',
    );
    const { default: read } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    expect(read).toEqual({
      items: texts,
      'odd key: "x"': 'a',
      inner: Object.fromEntries(texts.map((value, i) => [`k${i}`, value])),
    });
  });

  it('has quotes in YAML only where it needs them', () => {
    const yaml = renderYaml([{ key: 'items', value: texts.slice(0, 6) }]);
    expect(yaml).toBe(
      `items:
  - plain
  - coalesce(total_charges, 0)
  - probabilities[2]
  - case when x = 'a' then 1 end
  - '"Total Charges"'
  - '"it''s"'
`,
    );
  });

  it.each(['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029'])(
    'keeps a comment one where a name in it has the line break %j',
    async (lineBreak) => {
      const comment = `a ${lineBreak}throw: 1${lineBreak}  throw: 2`;
      const odd = [{ key: 'a', value: 'b', comment }];
      expect(parse(renderYaml(odd))).toEqual({ a: 'b' });
      const text = renderTypeScript(odd);
      expect(text.split(/[\n\r\u0085\u2028\u2029]/).filter((l) => l.includes('throw'))).toEqual([
        '  // throw: 1',
        '  //   throw: 2',
      ]);
    },
  );

  it('wraps comments at words, but not the code in them', () => {
    const comment = `${'word '.repeat(40).trim()}\n  ${'code '.repeat(40).trim()}`;
    const lines = renderYaml([{ key: 'a', value: 'b', comment }]).split('\n');
    expect(lines.map((line) => line.length > 100)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
  });
});
