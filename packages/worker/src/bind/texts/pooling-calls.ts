import {
  NameIndex,
  type Pooling,
  type ScoredOutput,
  ShardmillError,
  unreachable,
} from '@shardmill/core';
import { quoteName } from '../../duckdb/quote.js';
import type { ModelOutput } from '../../lane/lane-messages.js';
import { findOne } from '../find-one.js';

/** The functions that make one vector of a row's tokens. */
const POOLING = { mean_pool: 'mean', max_pool: 'max', cls: 'cls' } as const;
const NORMALIZE = 'l2_normalize';
/** The functions that make whole numbers of a vector. */
const QUANTIZED = {
  int8_quantize: 'values',
  int8_scale: 'scale',
  float16_bits: 'half',
} as const;
/** What they give. */
const QUANTIZED_TYPES = {
  values: { type: 'int8', shape: ['N', -1] },
  scale: { type: 'float32', shape: ['N'] },
  half: { type: 'uint16', shape: ['N', -1] },
} as const;

/** What is skipped: texts, quoted names and comments. */
const SKIPPED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//y;
const CALL =
  /(mean_pool|max_pool|cls|l2_normalize|int8_quantize|int8_scale|float16_bits)(?=\s*\()/iy;
const WORD = /[\p{L}\p{N}_$.]+/uy;
const GAP = /\s*/y;
const NAME = /"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/uy;

/** An expression in which calls of the pooling functions are replaced, and what they stand for. */
export interface PooledExpression {
  readonly sql: string;
  readonly outputs: readonly ScoredOutput[];
}

/**
 * Replaces `mean_pool(x)`, `max_pool(x)` and `cls(x)`, `l2_normalize(…)` around them or around an
 * output of the model, and `int8_quantize(…)`, `int8_scale(…)` and `float16_bits(…)` around any of
 * these by names of outputs that the lanes compute.
 * @throws EXPRESSION_INVALID, COLUMN_NOT_FOUND, EXPRESSION_AMBIGUOUS
 */
export function replacePoolingCalls(
  sql: string,
  outputs: readonly ModelOutput[],
  where: string,
): PooledExpression {
  const index = new NameIndex(outputs);
  const found: ScoredOutput[] = [];
  let replaced = '';
  for (let at = 0; at < sql.length; ) {
    const skipped = match(SKIPPED, sql, at);
    if (skipped !== undefined) {
      replaced += skipped;
      at += skipped.length;
      continue;
    }
    const word = match(CALL, sql, at) === undefined ? match(WORD, sql, at) : undefined;
    if (word !== undefined) {
      replaced += word;
      at += word.length;
      continue;
    }
    if (match(CALL, sql, at) === undefined) {
      replaced += sql[at];
      at++;
      continue;
    }
    const call = parseCall(sql, at, where);
    const output = pooledOutput(call, index, where);
    found.push(output);
    replaced += `model.${quoteName(output.name)}`;
    at = call.end;
  }
  return { sql: replaced, outputs: found };
}

interface PoolingCall extends Pick<Pooling, 'by' | 'normalize' | 'quantized'> {
  readonly path: readonly string[];
  readonly end: number;
}

function parseCall(sql: string, start: number, where: string): PoolingCall {
  const name = (match(CALL, sql, start) ?? '').toLowerCase();
  let at = start + name.length;
  at += match(GAP, sql, at)?.length ?? 0;
  at += 1 + (match(GAP, sql, at + 1)?.length ?? 0);
  const inner = match(CALL, sql, at) === undefined ? undefined : parseCall(sql, at, where);
  const named = inner ?? parsePath(sql, at);
  const close = named.end + (match(GAP, sql, named.end)?.length ?? 0);
  const nests = inner === undefined || takes(name, inner);
  if (named.path.length === 0 || sql[close] !== ')' || !nests) {
    throw new ShardmillError(
      'EXPRESSION_INVALID',
      `"${sql}": ${name}() takes ${TAKEN[kindOf(name)]}, and nothing else`,
      { where, remedy: `Write ${name}(NAME), with the name of an output of the model.` },
    );
  }
  const end = close + 1;
  const { by, normalize } = inner ?? { by: 'none', normalize: false };
  const { path } = named;
  const kind = kindOf(name);
  switch (kind) {
    case 'pool':
      return { by: entryOf(POOLING, name) ?? 'mean', normalize: false, path, end };
    case 'normalize':
      return { by, normalize: true, path, end };
    case 'quantize':
      return { by, normalize, quantized: entryOf(QUANTIZED, name), path, end };
    default:
      return unreachable(kind, 'function');
  }
}

type Kind = 'pool' | 'normalize' | 'quantize';

const TAKEN: Record<Kind, string> = {
  pool: 'an output of the model',
  normalize: 'an output of the model, or mean_pool(…), max_pool(…) or cls(…) of one',
  quantize:
    'an output of the model, or l2_normalize(…), mean_pool(…), max_pool(…) or cls(…) of one',
};

function kindOf(name: string): Kind {
  if (name === NORMALIZE) return 'normalize';
  return Object.hasOwn(QUANTIZED, name) ? 'quantize' : 'pool';
}

/** Whether a function may stand around another: each of them once, in one order. */
function takes(name: string, inner: PoolingCall): boolean {
  const kind = kindOf(name);
  if (kind === 'pool' || inner.quantized !== undefined) return false;
  return kind === 'quantize' || !inner.normalize;
}

function entryOf<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.entries(entries).find(([own]) => own === name)?.[1];
}

/** `last_hidden_state`, or `model.last_hidden_state`. */
function parsePath(sql: string, start: number): { path: string[]; end: number } {
  const path: string[] = [];
  let at = start;
  for (;;) {
    const written = match(NAME, sql, at);
    if (written === undefined) return { path: [], end: at };
    path.push(written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written);
    at += written.length;
    if (sql[at] !== '.') return { path, end: at };
    at++;
  }
}

function pooledOutput(
  { by, normalize, quantized, path }: PoolingCall,
  index: NameIndex<ModelOutput>,
  where: string,
): ScoredOutput {
  const qualified = path.length === 2 && path[0]?.toLowerCase() === 'model';
  const name = (qualified ? path[1] : path.length === 1 ? path[0] : undefined) ?? path.join('.');
  const outputs = { owner: 'the model', kind: 'output', list: "The model's outputs are" };
  const output = findOne(index, name, outputs, where);
  if (output.type === 'non-tensor' || !output.type.startsWith('float')) {
    throw new ShardmillError(
      'EXPRESSION_INVALID',
      `the model's output "${output.name}" is ${output.type}; only vectors of floats can be pooled`,
      { where },
    );
  }
  const pool = nameOf(POOLING, by);
  const pooled = pool === undefined ? output.name : `${pool}(${output.name})`;
  const vector = normalize ? `${NORMALIZE}(${pooled})` : pooled;
  const pooling = { of: output.name, by, normalize };
  if (quantized === undefined) {
    return { name: vector, type: 'float32', shape: ['N', -1], pooling };
  }
  const { type, shape } = QUANTIZED_TYPES[quantized];
  return {
    name: `${nameOf(QUANTIZED, quantized)}(${vector})`,
    type,
    shape: [...shape],
    pooling: { ...pooling, quantized },
  };
}

/** The function that stands for it. */
function nameOf(functions: Readonly<Record<string, string>>, value: string): string | undefined {
  return Object.entries(functions).find(([, kind]) => kind === value)?.[0];
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
