import { digestJson, impliedParameters, ShardmillError } from '@shardmill/core';
import { withoutFunctions } from './log-schema.js';
import type { RunRequest } from './run-request.js';

/** What a run does, apart from who submitted it, when, and how urgently. */
interface Work {
  readonly job: unknown;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * What must be the same for two submissions of one key: the job and its parameters. The date and
 * time that runs have without declaring them count only where the job does: where a template uses
 * them, they are in the job's texts, and where nothing does, a retry after midnight is the same run.
 */
function workOf({ job, params }: Pick<RunRequest, 'job' | 'params'>): Work {
  const implied = impliedParameters(job.params);
  // When a run is stopped decides nothing about its result: a resumption may raise its limits.
  const { limits: _, ...decisive } = withoutFunctions(job);
  return {
    job: JSON.parse(JSON.stringify(decisive)),
    params: Object.fromEntries(Object.entries(params).filter(([name]) => !implied.includes(name))),
  };
}

/** The order of output columns counts: a later one may be made of those before it. */
export function digestWork(request: Pick<RunRequest, 'job' | 'params'>): string {
  return digestJson([workOf(request), Object.keys(request.job.output.columns)]);
}

/**
 * @param existing the request that the key stands for, where it is there.
 */
export function keyConflict(
  request: RunRequest,
  run: string,
  existing: RunRequest | undefined,
): ShardmillError {
  const places = existing === undefined ? [] : differences(workOf(existing), workOf(request));
  const seen = places.length === 0 ? '' : `; they differ in ${places.slice(0, 5).join(', ')}`;
  return new ShardmillError(
    'RUN_KEY_CONFLICT',
    `the key "${request.key}" stands for run ${run}, which is of another job or has other parameters${seen}`,
    {
      where: '--run-key',
      remedy:
        'Use another --run-key, or the definition with which the key was used first. Where that run failed or was cancelled, --new-run frees the key.',
    },
  );
}

/** Places, such as `job.input.uri`, at which two plain values differ. */
function differences(a: unknown, b: unknown, place = ''): string[] {
  if (isRecord(a) && isRecord(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) =>
      differences(a[name], b[name], place === '' ? name : `${place}.${name}`),
    );
  }
  return digestJson(a ?? null) === digestJson(b ?? null) ? [] : [place];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
