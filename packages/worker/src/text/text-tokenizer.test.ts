import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stores } from '@shardmill/core';
import { wordPieceTokenizer } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallWatch } from './call-watch.js';
import { requireVocabulary, TextTokenizer } from './text-tokenizer.js';
import { readPlannedTokenizer, readTokenizerFile } from './tokenizer-file.js';
import { TEXT_FAULTS, type TextRules } from './tokens-view.js';

const RULES: TextRules = { maxLength: 6, tooLong: 'truncate' };
const CONTENT = wordPieceTokenizer(['late', 'parcel', 'x', '##x']);

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-tokenizer-'));
  file = path.join(folder, 'tokenizer.json');
  await writeFile(file, CONTENT);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (content = CONTENT): Promise<TextTokenizer> =>
  TextTokenizer.open({ uri: file, sha256: '', bytes: 0, content }, RULES);

describe('a tokenizer', () => {
  it('makes the ids of texts, and says which are null or were cut', async () => {
    const tokenizer = await open();
    const texts = ['Late parcel', undefined, 'late late late late', 'late late late late late', ''];
    const { ids, offsets, faults } = await tokenizer.encode(texts);
    const rows = [...faults.keys()].map((row) =>
      Array.from(ids.subarray(offsets[row], offsets[row + 1])),
    );
    expect(rows[0]).toEqual([2, 4, 5, 3]);
    expect(rows[2]).toEqual([2, 4, 4, 4, 4, 3]);
    expect(rows[3]).toEqual([2, 4, 4, 4, 4, 3]);
    expect(rows[4]).toEqual([2, 3]);
    expect([...faults]).toEqual([0, TEXT_FAULTS.null, 0, TEXT_FAULTS.tooLong, 0]);
  });

  it('takes any text: controls, lone surrogates, NUL, right-to-left, very long words', async () => {
    const tokenizer = await open();
    const texts = ['a\0b', '\ud800', 'שלום', '\u202Ex', '👨‍👩‍👧', 'x'.repeat(100_000), ' \t\n'];
    const { offsets } = await tokenizer.encode(texts);
    for (const row of texts.keys()) {
      expect((offsets[row + 1] ?? 0) - (offsets[row] ?? 0)).toBeGreaterThanOrEqual(2);
    }
  });

  it('keeps texts in their order over several calls of the library', async () => {
    const tokenizer = await open();
    const texts = Array.from({ length: 700 }, (_, row) => 'x'.repeat(1 + (row % 3)));
    const { offsets } = await tokenizer.encode(texts);
    const lengths = texts.map((_, row) => (offsets[row + 1] ?? 0) - (offsets[row] ?? 0));
    expect(lengths).toEqual(texts.map((text) => text.length + 2));
  });

  it('takes the id of the padding from the file, and else from the names that are usual', async () => {
    expect((await open()).paddingId).toBe(0);
    const padding = { strategy: 'BatchLongest', direction: 'Right', pad_to_multiple_of: null };
    const stated = { ...padding, pad_id: 3, pad_type_id: 0, pad_token: '[SEP]' };
    const content = CONTENT.replace('"padding":null', `"padding":${JSON.stringify(stated)}`);
    const tokenizer = await open(content);
    expect(tokenizer.paddingId).toBe(3);
    const { offsets } = await tokenizer.encode(['late', 'late parcel']);
    // It is not padded here, whatever the file says.
    expect([...offsets]).toEqual([0, 3, 7]);
  });
});

describe('a hostile tokenizer', () => {
  const withPattern = (regex: string): string =>
    CONTENT.replace(
      '{"type":"BertPreTokenizer"}',
      JSON.stringify({
        type: 'Split',
        pattern: { Regex: regex },
        behavior: 'Isolated',
        invert: false,
      }),
    );

  it('is given up where it does not come to an end', async () => {
    // For each letter it looks at all letters behind it.
    const content = withPattern('[xy]+[cd]');
    const named = { uri: file, sha256: '', bytes: 0, content };
    const watch = new CallWatch(undefined, { limitMs: 10, slowMs: 5 });
    const tokenizer = await TextTokenizer.open(named, RULES, watch);
    await expect(tokenizer.encode(['x'.repeat(15_000), 'x'])).rejects.toMatchObject({
      code: 'TOKENIZER_TIMEOUT',
      where: file,
      message: '2 texts of 15001 characters were not tokenized within 0.01 s',
    });
  });

  it('is refused with more tokens, or larger ids, than any model has', async () => {
    expect(() => requireVocabulary(1_000_001, 1_000_000, file)).toThrow(
      'it has 1000001 tokens; at most 1000000 tokens are supported',
    );
    requireVocabulary(250_000, 250_100, file);
    await expect(open(CONTENT.replace('"##x":7', '"##x":4294967295'))).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
      message: 'it has a token 4294967295; at most ids up to 2147483647 are supported',
    });
  });
});

describe('the file of a tokenizer', () => {
  it('is read with its digest, and held against the plan', async () => {
    const stores = new Stores();
    const { content, ...planned } = await readTokenizerFile(file, stores);
    expect(content).toBe(CONTENT);
    await expect(readPlannedTokenizer(planned, stores)).resolves.toMatchObject({ content });
    await writeFile(file, CONTENT.replace('"late"', '"later"'));
    await expect(readPlannedTokenizer(planned, stores)).rejects.toMatchObject({
      code: 'TOKENIZER_CHANGED',
      where: file,
    });
    await stores.close();
  });

  it('is a regular file of a bounded size', async () => {
    const stores = new Stores();
    await expect(readTokenizerFile(folder, stores)).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
      message: 'this is a folder, not a file',
    });
    await expect(readTokenizerFile('/dev/zero', stores)).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
    });
    await stores.close();
  });
});
