import { impliedParameters, type ParameterValues, ShardmillError } from '@shardmill/core';

/**
 * Refuses values for the parameters that each tick of a schedule, or date of a backfill, has itself.
 * @param each what has values of its own, such as `each tick of a schedule`.
 * @throws USAGE
 */
export function refuseTimeParameters(param: ParameterValues, each: string, remedy: string): void {
  const given = impliedParameters({}).find((name) => Object.hasOwn(param, name));
  if (given === undefined) return;
  throw new ShardmillError('USAGE', `"${given}" was given, and ${each} has its own`, {
    where: `--param ${given}=…`,
    remedy,
  });
}
