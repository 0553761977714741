/**
 * How likely a value of chi-squared or a greater one is by chance: the regularized upper incomplete
 * gamma function Q(d/2, x/2), by its series or its continued fraction (NIST DLMF 8.11.4 and 8.9.2).
 */
export function chiSquaredTail(statistic: number, degrees: number): number {
  if (degrees <= 0 || statistic <= 0) return 1;
  const [a, x] = [degrees / 2, statistic / 2];
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? Math.max(0, 1 - scale * series(a, x)) : scale * continuedFraction(a, x);
}

/**
 * How likely a Kolmogorov-Smirnov distance or a greater one is by chance, for large samples: the
 * limiting distribution, by whichever of its two series converges fast (Marsaglia, Tsang and Wang 2003).
 * @param scaled the distance times √(n·m / (n + m))
 */
export function kolmogorovTail(scaled: number): number {
  if (scaled <= 0.1) return 1;
  let sum = 0;
  if (scaled < 1) {
    for (let j = 1; j <= 9; j += 2) sum += Math.exp(-((j * Math.PI) ** 2) / (8 * scaled ** 2));
    return 1 - (Math.sqrt(2 * Math.PI) / scaled) * sum;
  }
  for (let j = 1; j <= 6; j++) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * (j * scaled) ** 2);
  return Math.max(0, sum);
}

const MAX_TERMS = 10_000;
const PRECISION = 1e-15;

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** By Lentz's method, as modified by Thompson and Barnett (1986). */
function continuedFraction(a: number, x: number): number {
  const tiny = Number.MIN_VALUE / PRECISION;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < MAX_TERMS; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (Math.abs(numerator * d + b) < tiny ? tiny : numerator * d + b);
    c = Math.abs(b + numerator / c) < tiny ? tiny : b + numerator / c;
    const factor = d * c;
    product *= factor;
    if (Math.abs(factor - 1) < PRECISION) break;
  }
  return product;
}

/** The approximation of Lanczos (1964) with g = 7 and nine terms. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** For positive arguments from a half on. */
function logGamma(value: number): number {
  const x = value - 1;
  const base = x + 7.5;
  const sum = LANCZOS.reduce((total, term, i) => total + (i === 0 ? term : term / (x + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(base) - base + Math.log(sum);
}
