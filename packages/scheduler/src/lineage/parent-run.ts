import type { ParentVariables } from '../state/run-request.js';

/** A run of an orchestrator that a run is part of. */
export interface RunReference {
  readonly namespace: string;
  readonly job: string;
  /** A UUID. */
  readonly run: string;
}

export interface ParentRun {
  readonly parent: RunReference;
  /** The outermost run, of a DAG for example; the parent itself where it is not known. */
  readonly root: RunReference;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What the environment says of the run that this one is part of: what an orchestrator sets. */
export function parentVariables(
  env: Readonly<Record<string, string | undefined>>,
): ParentVariables | undefined {
  const parent = env['OPENLINEAGE_PARENT_ID']?.trim();
  if (parent === undefined || parent === '') return undefined;
  const root = env['OPENLINEAGE_ROOT_PARENT_ID']?.trim();
  return root === undefined || root === '' ? { parent } : { parent, root };
}

/**
 * `NAMESPACE/JOB/RUN`, as Airflow's `lineage_parent_id` macro makes it. A namespace may have slashes.
 * @returns undefined where the text has another form.
 */
export function parentRunOf(variables: ParentVariables | undefined): ParentRun | undefined {
  if (variables === undefined) return undefined;
  const parent = referenceOf(variables.parent);
  if (parent === undefined) return undefined;
  const root = variables.root === undefined ? undefined : referenceOf(variables.root);
  return { parent, root: root ?? parent };
}

/** What a submission notes of its environment; undefined where it names no run. */
export function submittedParent(
  env: Readonly<Record<string, string | undefined>>,
): ParentVariables | undefined {
  const variables = parentVariables(env);
  return parentRunOf(variables) === undefined ? undefined : variables;
}

function referenceOf(text: string): RunReference | undefined {
  const [, namespace, job, run] = /^(.+)\/([^/]+)\/([^/]+)$/s.exec(text) ?? [];
  if (namespace === undefined || job === undefined || run === undefined) return undefined;
  return UUID.test(run) ? { namespace, job, run: run.toLowerCase() } : undefined;
}
