import { ShardmillError } from '@shardmill/core';

/** Does something for a challenger; what is thrown says of which one, and where in the job that stands. */
export async function aboutChallenger<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ShardmillError) || error.code === 'CHALLENGER_INVALID') throw error;
    const { code, message, where = '', remedy } = error;
    const place = /^(?:(features)|output\.(columns))(?=\.|$)/.exec(where);
    throw new ShardmillError(code, `challenger "${name}": ${message}`, {
      where:
        place === null
          ? where
          : `challengers.${name}.${place[1] ?? place[2]}${where.slice(place[0].length)}`,
      remedy,
      cause: error,
    });
  }
}

/** @returns CHALLENGER_INVALID */
export function invalidChallenger(
  name: string,
  option: string,
  message: string,
  remedy?: string,
): ShardmillError {
  return new ShardmillError('CHALLENGER_INVALID', message, {
    where: `challengers.${name}.${option}`,
    remedy,
  });
}
