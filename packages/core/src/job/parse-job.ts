import type { z } from 'zod';
import { ShardmillError } from '../errors/shardmill-error.js';
import { suggestion } from '../text/nearest-name.js';
import { type Job, jobSchema } from './job-schema.js';

/**
 * A definition from outside, checked and with its defaults.
 * @param where the file that it came from, for messages.
 * @throws JOB_INVALID with every fault found, and the nearest known key for an unknown one.
 */
export function parseJob(definition: unknown, where: string): Job {
  try {
    return checkedJob(definition, where);
  } catch (error) {
    if (error instanceof ShardmillError) throw error;
    // A getter of a module that throws, for one.
    const message = error instanceof Error ? error.message : String(error);
    throw new ShardmillError('JOB_INVALID', `the definition cannot be read: ${message}`, {
      where,
      cause: error,
    });
  }
}

function checkedJob(definition: unknown, where: string): Job {
  const unusable = unusableTexts(definition, '');
  if (unusable.length > 0) throw new ShardmillError('JOB_INVALID', unusable.join('\n'), { where });
  const parsed = jobSchema.safeParse(definition);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => describeIssue(issue, definition));
  throw new ShardmillError('JOB_INVALID', faults.join('\n'), { where });
}

/** Texts that would be cut off or lost on their way: SQL ends at a NUL, objects lose `__proto__`. */
function unusableTexts(value: unknown, place: string, depth = 0): string[] {
  if (typeof value === 'string') {
    return value.includes('\0') ? [`${place}: there is a NUL character in ${shown(value)}`] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (depth > MAX_DEPTH) return [`${place}: nested more than ${MAX_DEPTH} levels deep`];
  return Object.entries(value).flatMap(([key, item]) => {
    const full = place === '' ? key : `${place}.${key}`;
    if (key === '__proto__') {
      return [`${full}: "__proto__" cannot be a name, it means something else in JavaScript`];
    }
    if (key.includes('\0')) return [`${place}: there is a NUL character in the key ${shown(key)}`];
    return unusableTexts(item, full, depth + 1);
  });
}

/** A valid definition has no more than five levels. */
const MAX_DEPTH = 8;

const shown = (text: string): string => JSON.stringify(text).slice(0, 80);

function describeIssue(issue: z.core.$ZodIssue, root: unknown): string {
  const place = issue.path.map(String).join('.');
  const meant = formThatIsMeant(issue);
  if (meant.length > 0) {
    return meant
      .map((fault) => describeIssue({ ...fault, path: [...issue.path, ...fault.path] }, root))
      .join('\n');
  }
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys
      .map((key) => {
        const full = place === '' ? key : `${place}.${key}`;
        return `unknown key "${full}".${suggestion(key, known, 'Known keys are')}`;
      })
      .join('\n');
  }
  if (mayHoldSecret(issue.path)) return `${place}: ${issue.message}`;
  const value = valueAt(root, issue.path);
  const seen = value === undefined ? 'nothing' : JSON.stringify(value)?.slice(0, 80);
  return `${place === '' ? 'the definition' : place}: ${issue.message}; found ${seen ?? typeof value}`;
}

/**
 * Of a value that may have several forms, the faults of the one that it is nearest to; none where
 * that is not known, or the definition of the forms has a message of its own.
 */
function formThatIsMeant(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [];
  const [best, next] = issue.errors
    .filter((faults) =>
      faults.every(({ path, code }) => code !== 'invalid_type' || path.length > 0),
    )
    .map((faults) => ({ faults, weight: faults.reduce((sum, fault) => sum + weightOf(fault), 0) }))
    .toSorted((a, b) => a.weight - b.weight);
  return best === undefined || best.weight === next?.weight ? [] : best.faults;
}

const weightOf = (fault: z.core.$ZodIssue): number =>
  fault.code === 'unrecognized_keys' ? 2 * fault.keys.length : 1;

/** An address of a receiver may hold its key, and a secret may stand where its variable belongs. */
function mayHoldSecret([group, , option]: readonly PropertyKey[]): boolean {
  return group === 'notify' && option !== undefined && option !== 'on' && option !== 'format';
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Keys that the schema knows at a path, read from its JSON Schema form. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let shape: unknown = jobSchema;
  for (const key of path) shape = child(unwrap(shape), key);
  return [...new Set(fieldNames(shape))];
}

/** Of all forms, where there are several. */
function fieldNames(schema: unknown): string[] {
  const inner = unwrap(schema);
  const options: unknown = Reflect.get(Object(Reflect.get(Object(inner), 'def')), 'options');
  if (Array.isArray(options)) return options.flatMap(fieldNames);
  const fields: unknown = Reflect.get(Object(inner), 'shape');
  return typeof fields === 'object' && fields !== null ? Object.keys(fields) : [];
}

function child(schema: unknown, key: PropertyKey): unknown {
  const fields: unknown = Reflect.get(Object(schema), 'shape');
  if (typeof fields === 'object' && fields !== null) return Reflect.get(fields, key);
  const def = Object(Reflect.get(Object(schema), 'def'));
  return Reflect.get(def, 'valueType') ?? Reflect.get(def, 'element');
}

/** The schema under `.default()`, `.optional()` and `.prefault()`. */
function unwrap(schema: unknown): unknown {
  let inner: unknown = schema;
  for (;;) {
    const next: unknown = Reflect.get(Object(Reflect.get(Object(inner), 'def')), 'innerType');
    if (next === undefined) return inner;
    inner = next;
  }
}
