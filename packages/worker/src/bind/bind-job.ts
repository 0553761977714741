import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type BindRequest,
  type BoundJob,
  type Column,
  resolveLocation,
  ShardmillError,
  suggestion,
  type TensorInfo,
} from '@shardmill/core';
import { openDatabase } from '../duckdb/open-database.js';
import type { LoadedModel } from '../lane/lane-pool.js';
import { aboutModel, type ModelFinder } from '../model/find-model.js';
import {
  type Expression,
  type FunctionRules,
  loadFunctionRules,
  parseExpression,
} from '../sql/parse-expression.js';
import { predicateOf } from '../sql/predicate-of.js';
import { quoteName } from '../sql/quote.js';
import { bindFeatures, type TypesOf } from './bind-features.js';
import {
  checkShadowing,
  outputSqlType,
  type ParsedOutput,
  passThroughColumns,
  selectList,
  usedOutputs,
} from './bind-outputs.js';
import { bindTransform } from './bind-transform.js';
import { duckdbMessage } from '../duckdb/duckdb-error.js';

/**
 * Checks a job against its input's columns and its model, without reading a row: every expression
 * is parsed and bound by DuckDB on an empty table, every feature is held against its tensor.
 */
export async function bindJob(
  request: BindRequest,
  models: Pick<ModelFinder, 'find'>,
  loadModel: (modelPath: string) => Promise<LoadedModel>,
  transformFolders?: readonly string[],
): Promise<BoundJob> {
  const { job, jobFile, columns } = request;
  const modelUri = resolveLocation(job.model.uri, path.dirname(jobFile));
  const found = await models.find(modelUri, job.model.sha256);
  const { info: _info, path: modelPath, ...files } = found;
  const loading = loadModel(modelPath).catch((error: unknown) => {
    throw aboutModel(error, found);
  });
  // A failure of the loading is seen where it is awaited.
  loading.catch(() => {});
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: 256 * 2 ** 20,
    folders: [],
  });
  try {
    const connection = await database.connect();
    await createTable(connection, 'input', columns);
    const binder = new Binder(connection, await loadFunctionRules(connection), columns);

    const where =
      job.input.where === undefined
        ? undefined
        : await binder.bind(job.input.where, 'input.where', 'BOOLEAN');
    const model = await loading;
    const transform =
      job.transform === undefined
        ? undefined
        : await bindTransform(request, job.transform, binder.typesOf, transformFolders);
    const features = await bindFeatures(
      job.features,
      model.inputs,
      transform?.columns ?? columns,
      transform === undefined ? binder.typesOf : binder.typesOverTransform(transform.columns),
    );
    // A map, since an object would put names that are numbers first.
    const parsed = await binder.parseOutputs(
      new Map([...passThroughColumns(job.output, columns), ...Object.entries(job.output.columns)]),
    );
    const outputs = usedOutputs(parsed, model.outputs);
    checkShadowing(parsed, columns, outputs);
    await createTable(
      connection,
      'model',
      outputs.map((output) => ({ name: output.name, type: outputSqlType(output) })),
    );
    const outputColumns = await binder.describeOutputs(parsed, outputs);
    return {
      used: binder.usedColumns(),
      where: where?.sql ?? null,
      predicate: where === undefined ? { kind: 'unknown' } : predicateOf(where.tree, columns),
      model: { ...files, inputs: model.inputs, outputs },
      features,
      transform: transform?.transform ?? null,
      outputColumns,
    };
  } finally {
    database.close();
  }
}

async function createTable(
  connection: DuckDBConnection,
  name: string,
  columns: readonly Column[],
): Promise<void> {
  const list = columns.map((column) => `${quoteName(column.name)} ${column.type}`);
  await connection.run(`CREATE TABLE ${name} (${list.join(', ')})`);
}

/** Parses and binds expressions, and remembers which input columns they use. */
class Binder {
  #used = new Set<string>();

  constructor(
    readonly connection: DuckDBConnection,
    readonly rules: FunctionRules,
    readonly columns: readonly Column[],
  ) {}

  readonly typesOf: TypesOf = async (expressions) => {
    for (const { sql, where } of expressions) await this.#parse(sql, where);
    const items = expressions.map(({ sql }, index) => `(${sql}\n) AS _shardmill_${index}`);
    try {
      return await this.#types(items.join(', '), 'input');
    } catch {
      // One by one, so that the error is of one and in its place.
      const types: string[] = [];
      for (const { sql, where } of expressions) {
        types.push(await this.#describe(sql, 'input', where, this.columns));
      }
      return types;
    }
  };

  async bind(sql: string, where: string, expected: string): Promise<Expression> {
    const expression = await this.#parse(sql, where);
    const type = await this.#describe(sql, 'input', where, this.columns);
    if (type !== expected && type !== '"NULL"') {
      throw new ShardmillError('EXPRESSION_INVALID', `"${sql}" is ${type}, expected ${expected}`, {
        where,
      });
    }
    return expression;
  }

  /** Types over the columns that a transform returns: only names, no SQL. */
  typesOverTransform(columns: readonly Column[]): TypesOf {
    return async (expressions) =>
      expressions.map(({ sql, where }) => {
        const name = sql.replace(/^"(.*)"$/, '$1');
        const column = columns.find((c) => c.name.toLowerCase() === name.toLowerCase());
        if (column !== undefined) return column.type;
        throw new ShardmillError(
          'COLUMN_NOT_FOUND',
          `the transform returns no column "${name}" (after a transform, features are names of its columns).${suggestion(
            name,
            columns.map((c) => c.name),
            'It returns',
          )}`,
          { where },
        );
      });
  }

  async parseOutputs(expressions: ReadonlyMap<string, string>): Promise<ParsedOutput[]> {
    const parsed: ParsedOutput[] = [];
    const seen = new Set<string>();
    for (const [name, sql] of expressions) {
      const where = `output.columns.${name}`;
      if (seen.has(name.toLowerCase())) {
        throw new ShardmillError(
          'EXPRESSION_AMBIGUOUS',
          `there are two output columns "${name}" (names differ only in case)`,
          { where, remedy: 'Rename one of them.' },
        );
      }
      seen.add(name.toLowerCase());
      parsed.push({ name, expression: await this.#parse(sql, where) });
    }
    return parsed;
  }

  /** Types of the output columns, of which each may use the ones before it. */
  async describeOutputs(
    parsed: readonly ParsedOutput[],
    outputs: readonly TensorInfo[],
  ): Promise<BoundJob['outputColumns']> {
    const columns = parsed.map(({ name, expression: { sql } }) => ({ name, sql, type: '' }));
    const typesOfFirst = (count: number): Promise<string[]> =>
      this.#types(selectList(columns.slice(0, count)), 'input POSITIONAL JOIN model');
    try {
      const types = await typesOfFirst(columns.length);
      return columns.map((column, index) => ({ ...column, type: types[index] ?? '' }));
    } catch (error) {
      // The first that cannot be bound is found by halving: any number before it can.
      let [good, bad, fault] = [0, columns.length, error];
      while (bad - good > 1) {
        const middle = Math.floor((good + bad) / 2);
        try {
          await typesOfFirst(middle);
          good = middle;
        } catch (earlier) {
          [bad, fault] = [middle, earlier];
        }
      }
      const known = [...this.columns, ...outputs, ...columns.slice(0, good)];
      throw bindError(duckdbMessage(fault), `output.columns.${columns[good]?.name ?? ''}`, known);
    }
  }

  /** In the input's order and spelling. */
  usedColumns(): string[] {
    return this.columns.map((c) => c.name).filter((name) => this.#used.has(name.toLowerCase()));
  }

  async #parse(sql: string, where: string): Promise<Expression> {
    const expression = await parseExpression(this.connection, this.rules, sql, where);
    for (const [first, second] of expression.references) {
      if (first !== undefined) this.#used.add(first.toLowerCase());
      if (first?.toLowerCase() === 'input' && second !== undefined) {
        this.#used.add(second.toLowerCase());
      }
    }
    return expression;
  }

  async #describe(
    sql: string,
    from: string,
    where: string,
    known: readonly { readonly name: string }[],
  ): Promise<string> {
    try {
      const [type = ''] = await this.#types(`(${sql}\n) AS x`, from);
      return type;
    } catch (error) {
      throw bindError(duckdbMessage(error), where, known);
    }
  }

  async #types(list: string, from: string): Promise<string[]> {
    const reader = await this.connection.runAndReadAll(`DESCRIBE SELECT ${list} FROM ${from}`);
    return reader.getRows().map((row) => String(row[1]));
  }
}

function bindError(
  message: string,
  where: string,
  known: readonly { readonly name: string }[],
): ShardmillError {
  // The second is said of `x: 'x'`: the name is known, but only as the column that is being made.
  const missing =
    /(?:Referenced c|C)olumn "((?:[^"]|"")*)" (?:(?:was )?not found|referenced that exists in the SELECT clause)/.exec(
      message,
    )?.[1];
  if (missing !== undefined) {
    return new ShardmillError(
      'COLUMN_NOT_FOUND',
      `there is no column "${missing}".${suggestion(
        missing,
        known.map((c) => c.name),
        'Columns are',
      )}`,
      { where },
    );
  }
  const ambiguous = /Ambiguous reference to column name/.test(message);
  return new ShardmillError(ambiguous ? 'EXPRESSION_AMBIGUOUS' : 'EXPRESSION_INVALID', message, {
    where,
  });
}
