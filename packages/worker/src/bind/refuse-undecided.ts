import { featureSql, type Job, ShardmillError, UNDECIDED } from '@shardmill/core';

/** @throws JOB_UNDECIDED where `init` left an expression to a person, and it is still so. */
export function refuseUndecided(job: Job, jobFile: string): void {
  for (const [place, sql] of expressionsOf(job)) {
    if (!sql.startsWith(UNDECIDED)) continue;
    throw new ShardmillError('JOB_UNDECIDED', `${place}: ${sql.slice(UNDECIDED.length).trim()}`, {
      where: jobFile,
      remedy: `Decide what belongs there, as the comment above ${place} says, and delete the text that begins with ${UNDECIDED}`,
    });
  }
}

function expressionsOf({ features, output }: Job): [place: string, sql: string][] {
  const ofFeatures = Object.entries(features).flatMap(([input, feature]) =>
    featureSql(feature).map((sql): [string, string] => [`features.${input}`, sql]),
  );
  const ofColumns = Object.entries(output.columns).map(([name, sql]): [string, string] => [
    `output.columns.${name}`,
    sql,
  ]);
  return [...ofFeatures, ...ofColumns];
}
