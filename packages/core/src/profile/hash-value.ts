/** Two hashes of a value; what is returned is used before the next call. */
export interface HashPair {
  first: number;
  second: number;
}

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
const PAIR: HashPair = { first: 0, second: 0 };

/** The hashes of a number; 0 and -0 have the same. */
export function hashNumber(value: number): HashPair {
  FLOAT[0] = value + 0;
  return hashWords(WORDS[0] ?? 0, WORDS[1] ?? 0);
}

/** The hashes of a text's UTF-16 code units. */
export function hashText(text: string): HashPair {
  // FNV-1a, and a second one with another prime.
  let [a, b] = [0x811c9dc5, text.length];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
  }
  return hashWords(a, b);
}

/** One hash of two words, of 32 bits without a sign. */
export function hashPair(low: number, high: number): number {
  return hashBehind(low, hashFirst(high));
}

/** The part of `hashPair` that the upper word alone decides. */
export function hashFirst(high: number): number {
  return mix(high ^ 0x9e3779b9);
}

/** `hashPair` of a lower word and an upper one, of which `hashFirst` is given. */
export function hashBehind(low: number, first: number): number {
  return mix(low ^ first) >>> 0;
}

/** The hashes of a number by its two words. */
export function hashWords(low: number, high: number): HashPair {
  const first = mix(low ^ mix(high ^ 0x9e3779b9));
  PAIR.first = first >>> 0;
  PAIR.second = mix(first + low) >>> 0;
  return PAIR;
}

/** The finalizer of MurmurHash3. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
