import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS, EXIT_CODES, type ErrorCode, type ErrorEntry } from './registry.js';

const text = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

/** How the document says what is done with a shard. */
const RETRY_WORDS: Record<ErrorEntry['retry'], string> = {
  never: 'not tried again',
  again: 'tried again',
  free: 'no attempt spent',
};

/** The text under each code's heading, by code. */
const sections = new Map(
  text
    .split(/^##+ /m)
    .slice(1)
    .flatMap((section) => {
      const code = /^`([^`]+)`\n/.exec(section)?.[1];
      return code === undefined ? [] : [[code, section] as const];
    }),
);

describe('docs/errors.md', () => {
  it('has each code of the registry, in its order, and no other', () => {
    expect([...sections.keys()]).toEqual(Object.keys(ERRORS));
    expect(text.match(/^###/gm)).toHaveLength(sections.size);
  });

  it.each(Object.keys(ERRORS) as ErrorCode[])('says of %s what the registry says', (code) => {
    const { exit, retry } = ERRORS[code];
    const [, line, ...explanation] = (sections.get(code) ?? '').split('\n\n');
    expect(line).toBe(`*Exit code ${EXIT_CODES[exit]} · ${RETRY_WORDS[retry]}*`);
    expect(explanation.join('\n').trim().length).toBeGreaterThan(20);
  });

  it('has every exit code in its table, and no other', () => {
    const table = [...text.matchAll(/^\| (\d+) \| /gm)].map(([, exitCode]) => Number(exitCode));
    expect(table).toEqual(Object.values(EXIT_CODES));
  });
});
