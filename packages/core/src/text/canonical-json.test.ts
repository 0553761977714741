import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('has the same bytes whatever the order of keys, at any depth', () => {
    const a = { b: 1, a: { d: [{ y: 2, x: 1 }], c: null } };
    const b = { a: { c: null, d: [{ x: 1, y: 2 }] }, b: 1 };
    expect(canonicalJson(a)).toBe('{"a":{"c":null,"d":[{"x":1,"y":2}]},"b":1}');
    expect(canonicalJson(b)).toBe(canonicalJson(a));
  });

  it('keeps the order of lists, and distinguishes values of different types', () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
    expect(digestJson({ a: 1 })).not.toBe(digestJson({ a: '1' }));
  });

  it('leaves out what is undefined', () => {
    expect(digestJson({ a: 1, b: undefined })).toBe(digestJson({ a: 1 }));
  });

  it('sorts keys by UTF-16 units, as RFC 8785 says', () => {
    expect(canonicalJson({ é: 1, z: 2, Z: 3, '\uFB33': 6, '\u{1F600}': 5 })).toBe(
      '{"Z":3,"z":2,"é":1,"\u{1F600}":5,"\uFB33":6}',
    );
  });

  it('digests the UTF-8 bytes', () => {
    const sha = createHash('sha256').update('{"a":"é"}', 'utf8').digest('hex');
    expect(digestJson({ a: 'é' })).toBe(sha);
  });
});
