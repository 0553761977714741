import {
  type BoundFeature,
  type Check,
  type Column,
  foldName,
  type Plan,
  type PlannedChecks,
  type PlannedProfile,
  profileColumns,
  ShardmillError,
  suggestion,
} from '@shardmill/core';
import { computedColumns, outputKind } from '../finalize/computed-columns.js';

/** What checks can be of. */
export interface CheckedPlan {
  readonly scoring: Plan['scoring'];
  readonly profile: PlannedProfile;
  /** Whether only some rows are taken: what is odd with these says little of the whole. */
  readonly isTrial: boolean;
  /** When the newest file of the input was written, as far as the store says. */
  readonly newestInput: string | undefined;
}

/**
 * The checks of a job as its plan has them: with the names of columns as they are, and held against what is
 * profiled, so that none of them turns out to be of nothing when everything is scored.
 * @returns undefined where there are none.
 * @throws CHECK_COLUMN_NOT_FOUND, CHECK_COLUMN_NOT_PROFILED
 */
export function planChecks(
  checks: readonly Check[] | undefined,
  plan: CheckedPlan,
): PlannedChecks | undefined {
  if (checks === undefined || checks.length === 0) return undefined;
  const planned = checks.map((check): Check => {
    const severity = plan.isTrial ? 'warn' : check.severity;
    return { ...withColumn(check, plan), severity };
  });
  const isDated = checks.some(({ kind }) => kind === 'freshness');
  const { newestInput } = plan;
  return { checks: planned, ...(isDated && newestInput !== undefined && { newestInput }) };
}

function withColumn(check: Check, plan: CheckedPlan): Check {
  switch (check.kind) {
    case 'rowCount':
    case 'rejected':
    case 'filtered':
    case 'freshness':
    case 'sql':
      return check;
    case 'nulls':
    case 'nan':
    case 'range':
    case 'allowedValues':
      return check.column === undefined
        ? { ...check, feature: findFeature(check, check.feature ?? '', plan) }
        : { ...check, column: findOutput(check, check.column, plan.scoring) };
    case 'unique':
      return check.columns === undefined
        ? { ...check, column: findKeyColumn(check, check.column ?? '', plan.scoring) }
        : {
            ...check,
            columns: check.columns.map((one) => findKeyColumn(check, one, plan.scoring)),
          };
    default: {
      const unknown: never = check;
      return unknown;
    }
  }
}

type ColumnCheck = Extract<Check, { readonly kind: 'nulls' | 'nan' | 'range' | 'allowedValues' }>;

/** Lists and structures, whose values DuckDB compares but nobody has as a key. */
const NESTED = /\[\d*\]$|^(STRUCT|MAP|UNION)\(/;

/** A key is of columns of the output, since the files of the result alone say what is in it. */
function findKeyColumn(check: Check, name: string, scoring: Plan['scoring']): string {
  const { columns } = scoring.input;
  const isInput = findByName(columns, name) !== undefined;
  const remedy = isInput
    ? `It is a column of the input: hand it on, with output.passThrough: ['${name}'].`
    : undefined;
  const { name: found, type } = findColumn(check, name, scoring, remedy);
  if (!NESTED.test(type)) return found;
  throw refusal('CHECK_COLUMN_TYPE', check, {
    message: `the output column "${found}" is of type ${type}, which is no key`,
    remedy: 'Check a column of a plain type, or give the parts of it columns of their own.',
  });
}

function findColumn(
  check: Check,
  name: string,
  { output: { columns } }: Plan['scoring'],
  remedy?: string,
): Column {
  const found = findByName(columns, name);
  if (found !== undefined) return found;
  const known = columns.map((column) => column.name);
  throw refusal('CHECK_COLUMN_NOT_FOUND', check, {
    message: `the output has no column "${name}".${remedy === undefined ? suggestion(name, known) : ''}`,
    ...(remedy !== undefined && { remedy }),
  });
}

/** Nulls are counted in every output column; all else needs a profile, which numbers and texts have that are computed. */
function findOutput(check: ColumnCheck, name: string, scoring: Plan['scoring']): string {
  const found = findColumn(check, name, scoring);
  if (check.kind === 'nulls') return found.name;
  const computed = computedColumns(scoring);
  if (!computed.includes(found.name)) {
    throw refusal('CHECK_COLUMN_NOT_PROFILED', check, {
      message: `the output column "${found.name}" only hands on a column of the input, and has no profile`,
      remedy:
        'Check its nulls, or make it a feature and check that: profile: { features: [NAME] }.',
    });
  }
  const kind = outputKind(found.type);
  if (kind === undefined) {
    throw refusal('CHECK_COLUMN_NOT_PROFILED', check, {
      message: `the output column "${found.name}" is of type ${found.type}; only numbers and texts have a profile`,
      remedy: 'Check what it is made of, or a column that has it as a number or a text.',
    });
  }
  refuseKindOfValues(check, found.name, kind);
  return found.name;
}

function findFeature(
  check: ColumnCheck,
  name: string,
  { scoring, profile }: Pick<CheckedPlan, 'scoring' | 'profile'>,
): string {
  const planned = findByName(profile.features, name);
  if (planned !== undefined) {
    refuseKindOfValues(check, planned.name, kindOf(scoring.features[planned.feature]));
    return planned.name;
  }
  const all = profileColumns(scoring.features);
  const there = findByName(all, name);
  if (there !== undefined) {
    const named = [...profile.features.map((feature) => feature.name), there.name];
    throw refusal('CHECK_COLUMN_NOT_PROFILED', check, {
      message: `the feature "${there.name}" has no profile`,
      remedy: `Write profile: { features: [${named
        .slice(-MAX_NAMED)
        .map((one) => `'${one}'`)
        .join(
          ', ',
        )}] } into the job${named.length > MAX_NAMED ? ', beside those that are there' : ''}.`,
    });
  }
  const known = all.map((feature) => feature.name);
  const isInput = all.some(({ input }) => foldName(input) === foldName(name));
  throw refusal('CHECK_COLUMN_NOT_FOUND', check, {
    message: isInput
      ? `"${name}" is an input of several features: expected one of them.${suggestion('', known)}`
      : `there is no feature "${name}".${suggestion(name, known)}`,
  });
}

const MAX_NAMED = 8;

function findByName<T extends { readonly name: string }>(
  items: readonly T[],
  name: string,
): T | undefined {
  const key = foldName(name);
  return (
    items.find((item) => item.name === name) ?? items.find((item) => foldName(item.name) === key)
  );
}

function kindOf(feature: BoundFeature | undefined): 'number' | 'text' {
  return feature?.type === 'string' || feature?.layout === 'tokens' ? 'text' : 'number';
}

/** A column of texts has no range, and one of numbers no texts that are allowed. */
function refuseKindOfValues(check: ColumnCheck, name: string, kind: 'number' | 'text'): void {
  const isOfNumbers = check.kind === 'range' || check.kind === 'nan';
  const given = check.kind === 'allowedValues' ? typeof check.values[0] : undefined;
  const wanted = isOfNumbers || given === 'number' ? 'number' : given === 'string' ? 'text' : kind;
  if (wanted === kind) return;
  throw refusal('CHECK_COLUMN_NOT_PROFILED', check, {
    message: `"${name}" has ${kind === 'text' ? 'texts' : 'numbers'}, and the check is of ${wanted === 'text' ? 'texts' : 'numbers'}`,
    remedy:
      check.kind === 'allowedValues'
        ? `Write values as ${kind === 'text' ? "texts: ['a', 'b']" : 'numbers: [1, 2]'}.`
        : 'Check its nulls, or its values with allowedValues.',
  });
}

function refusal(
  code: 'CHECK_COLUMN_NOT_FOUND' | 'CHECK_COLUMN_NOT_PROFILED' | 'CHECK_COLUMN_TYPE',
  { name }: Check,
  { message, remedy }: { readonly message: string; readonly remedy?: string },
): ShardmillError {
  return new ShardmillError(code, message, { where: `checks "${name}"`, remedy });
}
