import path from 'node:path';
import {
  InvariantError,
  isModelReference,
  parseModelReference,
  resolveLocation,
  usesModelRegistry,
} from '@shardmill/core';
import {
  checkRules,
  type MadePlan,
  type ModelRegistry,
  pinnedVersion,
  resolveModel,
  wouldResume,
} from '@shardmill/scheduler';
import { type LocalPlanning, planHere } from '../planning/local-planner.js';

type PlanRequest = Omit<Parameters<typeof planHere>[0], 'release' | 'challengerReleases'> & {
  /** Needed for jobs that name a model of the registry. */
  readonly models?: ModelRegistry | undefined;
};

/**
 * Plans a job whose model may be one of the registry, with the version that its alias points to now.
 * @throws MODEL_NAME_INVALID, MODEL_NOT_REGISTERED, MODEL_REGISTRY_DAMAGED, and what `planHere` throws
 */
export async function planWithRegistry(
  { models, ...request }: PlanRequest,
  planning: LocalPlanning,
  version?: number,
): Promise<MadePlan> {
  if (!usesModelRegistry(request.job)) return planHere(request, planning);
  if (models === undefined) throw new InvariantError('no model registry was given');
  const resolved = await resolveModel(request.job, models, version);
  return planHere({ ...request, ...resolved }, planning);
}

/**
 * The same for a run that is to begin: where it goes on with an unfinished one, it keeps the version
 * that one has, wherever the alias points by now.
 * @param notice is called with a sentence where the two differ.
 * @throws as `planWithRegistry`
 */
export async function planLocalRun(
  request: PlanRequest,
  planning: LocalPlanning,
  notice: (message: string) => void,
): Promise<MadePlan> {
  const { job, jobFile, stores, rules = {}, models } = request;
  const pinned = await findPinned();
  if (pinned === undefined || models === undefined) return planWithRegistry(request, planning);
  const made = await planWithRegistry(request, planning, pinned.version);
  const current = (await resolveModel(job, models)).release;
  if (current?.version === pinned.version) return made;
  if (!(await wouldResume(pinned.output, made.plan))) return planWithRegistry(request, planning);
  const { name, alias, version } = pinned;
  notice(
    `the unfinished run goes on with ${name}@${version}, which it was planned with; ${alias} is version ${current?.version} by now (to score with that, write models:/${name}@${current?.version} into the job)`,
  );
  return made;

  async function findPinned(): Promise<
    | {
        readonly name: string;
        readonly alias: string;
        readonly version: number;
        readonly output: ReturnType<typeof stores.open>;
      }
    | undefined
  > {
    if (!isModelReference(job.model.uri)) return undefined;
    const { name, selector } = parseModelReference(job.model.uri);
    if (selector.kind === 'version') return undefined;
    // Before anything of what the job names is opened.
    await checkRules(rules, job, jobFile, stores);
    const output = stores.open(resolveLocation(job.output.uri, path.dirname(jobFile)));
    const { alias } = selector;
    const version = await pinnedVersion(output, job.name, { name, alias });
    return version === undefined ? undefined : { name, alias, version, output };
  }
}
