import type { Plan } from '@shardmill/core';

/** `churn@7 (production)`: a version of the registry, and how the job named it. */
export function releaseText({ name, version, alias }: NonNullable<Plan['release']>): string {
  return `${name}@${version}${alias === undefined ? '' : ` (${alias})`}`;
}
