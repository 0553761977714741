/** A source of repeatable pseudo-random numbers. */
export interface Random {
  /** Uniform in [0, 1), with 32 bits of resolution. */
  uniform(): number;
  /** Standard normal: mean 0, standard deviation 1. */
  normal(): number;
  /** A whole number, uniform in [0, bound). */
  integer(bound: number): number;
}

/**
 * Starts a generator (mulberry32). The same seed gives the same numbers on every platform, up to
 * the last bit of `Math.log` and `Math.cos` in {@link Random.normal}. Not for secrets.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function uniform(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  function normal(): number {
    // Box-Muller; 1 - uniform() is never 0, so the logarithm is finite.
    return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }

  return { uniform, normal, integer: (bound) => Math.floor(uniform() * bound) };
}

/** Draws `count` normal values with the given standard deviation. */
export function normals(random: Random, count: number, deviation = 1): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal() * deviation);
}

/** Draws `count` values uniform in [0, 1]; rounding to single precision can make a 1, rarely. */
export function uniforms(random: Random, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => random.uniform());
}
