import { FEATURES } from './dataset.js';
import { logisticOf } from './models.js';

/** The logistic regression as one SQL expression, in single precision as in the model. */
export function logisticSql(): string {
  const { weights, bias } = logisticOf();
  const terms = FEATURES.map((name, index) => `${float(weights[index] ?? 0)} * ${name}`);
  return `(1 / (1 + exp(-(${[float(bias), ...terms].join(' + ')}))))::FLOAT`;
}

/** The shortest decimal of a single-precision number is exact when it is read back as one. */
function float(value: number): string {
  return `(${value})::FLOAT`;
}
