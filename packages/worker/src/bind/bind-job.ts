import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type BindRequest,
  type BoundJob,
  type RoundedColumn,
  type Column,
  foldName,
  NameIndex,
  resolveLocation,
  ShardmillError,
  sqlNames,
  suggestion,
  type TensorInfo,
} from '@shardmill/core';
import { openDatabase } from '../duckdb/open-database.js';
import type { LoadedModel } from '../lane/lane-pool.js';
import { estimateWork } from '../model/graph/estimate-work.js';
import { modelBytes } from '../model/model-bytes.js';
import { fixedBatch } from './fixed-batch.js';
import { aboutModel, type ModelFinder } from '../model/find-model.js';
import { type LocalModel, localModel } from '../model/model-content.js';
import { ORIGIN_COLUMNS } from '../scan/row-origin.js';
import {
  type Expression,
  type FunctionRules,
  loadFunctionRules,
  parseExpression,
} from '../sql/parse-expression.js';
import { predicateOf } from '../sql/predicate-of.js';
import type { KnownOutput } from '../row-wise/check-outputs.js';
import { checkModel, type ProbeModel, rowsPerCallOf } from '../row-wise/check-model.js';
import { quoteName } from '../sql/quote.js';
import { bindFeatures, type TypesOf } from './bind-features.js';
import { checkIndexes } from './check-indexes.js';
import { KnownLists } from './known-lists.js';
import { listFactsOfType } from './list-facts.js';
import {
  checkShadowing,
  outputSqlType,
  type ParsedOutput,
  passThroughColumns,
  refuseOutputName,
  selectList,
  usedOutputs,
} from './bind-outputs.js';
import { plainFeatures } from './plain-features.js';
import { refuseUndecided } from './refuse-undecided.js';
import { refuseModelNames } from './refuse-model-names.js';
import { bytesNotice, textOfBytes } from './text-of-bytes.js';
import { bindTransform } from './bind-transform.js';
import { roundedColumns } from './rounded-columns.js';
import { bindError } from './bind-error.js';
import { SqlScope } from './sql-scope.js';
import { storedType } from './stored-type.js';
import { duckdbMessage } from '../duckdb/duckdb-error.js';

/**
 * Checks a job against its input's columns and its model, without reading a row: every expression
 * is parsed and bound by DuckDB on an empty table, every feature is held against its tensor.
 */
export async function bindJob(
  request: BindRequest,
  models: Pick<ModelFinder, 'find'>,
  loadModel: (model: LocalModel) => Promise<LoadedModel>,
  probe: (model: LocalModel, ...rows: Parameters<ProbeModel>) => ReturnType<ProbeModel>,
  transformFolders?: readonly string[],
): Promise<BoundJob> {
  const { job, jobFile, columns } = request;
  refuseUndecided(job, jobFile);
  const modelUri = resolveLocation(job.model.uri, path.dirname(jobFile));
  const found = await models.find(modelUri, job.model.sha256);
  const { info, path: modelPath, ...files } = found;
  const local = localModel(modelPath, files);
  const loading = loadModel(local).catch((error: unknown) => {
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
    await createTable(connection, 'input', columns, 'column');
    const binder = new Binder(connection, await loadFunctionRules(connection), columns);

    const where =
      job.input.where === undefined
        ? undefined
        : await binder.bind(job.input.where, 'input.where', 'BOOLEAN');
    const model = await loading;
    refuseModelNames([...model.inputs, ...model.outputs], modelUri);
    const transform =
      job.transform === undefined
        ? undefined
        : await bindTransform(request, job.transform, {
            typesOf: binder.typesOf,
            addressed: binder.addressed,
            folders: transformFolders,
          });
    const features = await bindFeatures(
      job.features,
      model.inputs,
      transform?.columns ?? columns,
      transform === undefined ? binder.typesOf : binder.typesOverTransform(transform.columns),
      transform === undefined ? binder.addressed : undefined,
    );
    // A map, since an object would put names that are numbers first.
    const parsed = await binder.parseOutputs(
      new Map([...passThroughColumns(job.output, columns), ...Object.entries(job.output.columns)]),
    );
    for (const { name } of parsed) refuseOutputName(name, job.output);
    const used = usedOutputs(parsed, model.outputs);
    const rowsPerCall = rowsPerCallOf(job.model);
    const known = await checkModel(
      {
        uri: found.uri,
        inputs: model.inputs,
        outputs: used,
        features,
        graph: info.graph,
        ...rowsPerCall,
      },
      (feeds, names) => probe(local, feeds, names),
    );
    const outputs = known.map(({ width: _width, ...output }) => output);
    checkShadowing(parsed, columns, outputs);
    await createTable(
      connection,
      'model',
      outputs.map((output) => ({ name: output.name, type: outputSqlType(output) })),
      'output',
    );
    const outputColumns = await binder.describeOutputs(parsed, outputs);
    await binder.checkIndexes(parsed, known, outputColumns);
    return {
      used: binder.usedColumns(),
      where: where === undefined ? null : binder.addressed(where.sql),
      predicate: where === undefined ? { kind: 'unknown' } : predicateOf(where.tree, columns),
      model: { ...files, inputs: model.inputs, outputs, ...rowsPerCall },
      features,
      transform: transform?.transform ?? null,
      outputColumns: outputColumns.map((column) => ({
        ...column,
        type: storedType(column.type),
      })),
      ...(binder.usesOrigin(parsed) && { origin: true as const }),
      rounded: binder.rounded,
      plain: transform === undefined ? plainFeatures(job.features, model.inputs, columns) : [],
      notices: [...binder.notices],
      work: estimateWork(
        info.workGraph,
        features,
        fixedBatch(model.inputs) ?? 1,
        modelBytes(files),
      ),
    };
  } finally {
    database.close();
  }
}

async function createTable(
  connection: DuckDBConnection,
  name: string,
  columns: readonly Column[],
  kind: 'column' | 'output',
): Promise<void> {
  const names = sqlNames(
    columns.map((column) => column.name),
    kind,
  );
  const list = columns.map(({ type }, index) => `${quoteName(names[index] ?? '')} ${type}`);
  // Behind a view: a table has a column rowid that no file has.
  await connection.run(`CREATE TABLE _shardmill_${name} (${list.join(', ')})`);
  await connection.run(`CREATE VIEW ${name} AS SELECT * FROM _shardmill_${name}`);
}

/** What expressions of the output stand over. */
const OUTPUT_FROM = 'input POSITIONAL JOIN model';
/** The same with where each row comes from. */
const OUTPUT_FROM_WITH_ORIGIN = `(SELECT *, ${ORIGIN_COLUMNS.map(
  ({ name, type }) => `NULL::${type} AS ${name}`,
).join(', ')} FROM input) AS input POSITIONAL JOIN model`;

/** Parses and binds expressions, and remembers which input columns they use. */
class Binder {
  readonly #used = new Set<string>();
  readonly #parsed: { readonly expression: Expression; readonly where: string }[] = [];
  readonly #scope: SqlScope<Column>;
  readonly #addressed = new Map<string, string>();
  readonly rounded: RoundedColumn[] = [];
  readonly notices = new Set<string>();

  constructor(
    readonly connection: DuckDBConnection,
    readonly rules: FunctionRules,
    readonly columns: readonly Column[],
  ) {
    this.#scope = new SqlScope(columns);
  }

  /** An expression over the input alone, once it is bound, as the engine runs it. */
  readonly addressed = (sql: string): string => this.#addressed.get(sql) ?? sql;

  readonly typesOf: TypesOf = async (expressions) => {
    for (const { sql, where } of expressions) await this.#parseOverInput(sql, where);
    const items = expressions.map(
      ({ sql }, index) => `(${this.addressed(sql)}\n) AS _shardmill_${index}`,
    );
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
    const expression = await this.#parseOverInput(sql, where);
    const type = await this.#describe(sql, 'input', where, this.columns);
    if (type !== expected && type !== '"NULL"') {
      throw new ShardmillError('EXPRESSION_INVALID', `"${sql}" is ${type}, expected ${expected}`, {
        where,
      });
    }
    await this.#lookForRounding(expression, this.addressed(sql), 'input', where);
    return expression;
  }

  /** Types over the columns that a transform returns: only names, no SQL. */
  typesOverTransform(columns: readonly Column[]): TypesOf {
    const index = new NameIndex(columns);
    return async (expressions) =>
      expressions.map(({ sql, where }) => {
        const name = sql.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"');
        const [column, another] = index.find(name);
        if (column !== undefined && another !== undefined) {
          throw new ShardmillError(
            'EXPRESSION_AMBIGUOUS',
            `"${name}" can be "${column.name}" or "${another.name}", which the transform returns`,
            { where },
          );
        }
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
      if (seen.has(foldName(name))) {
        throw new ShardmillError(
          'EXPRESSION_AMBIGUOUS',
          `there are two output columns "${name}" (names differ only in case)`,
          { where, remedy: 'Rename one of them.' },
        );
      }
      seen.add(foldName(name));
      parsed.push({ name, expression: await this.#parse(sql, where) });
    }
    return parsed;
  }

  /** Types of the output columns, of which each may use the ones before it. */
  async describeOutputs(
    parsed: readonly ParsedOutput[],
    outputs: readonly TensorInfo[],
  ): Promise<BoundJob['outputColumns']> {
    const scope = new SqlScope(this.columns, outputs);
    const from = this.usesOrigin(parsed) ? OUTPUT_FROM_WITH_ORIGIN : OUTPUT_FROM;
    const columns = parsed.map(({ name, expression }) => ({
      name,
      sql: scope.address(expression, `output.columns.${name}`),
      type: '',
    }));
    const typesOfFirst = (count: number): Promise<string[]> =>
      this.#types(selectList(columns.slice(0, count)), from);
    try {
      const types = await typesOfFirst(columns.length);
      for (const [index, { name, expression }] of parsed.entries()) {
        const { sql = '' } = columns[index] ?? {};
        await this.#lookForRounding(expression, sql, from, `output.columns.${name}`);
      }
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

  /**
   * Refuses elements of lists that are there in no row, in any expression of the job.
   * @throws INDEX_OUT_OF_RANGE
   */
  async checkIndexes(
    parsed: readonly ParsedOutput[],
    outputs: readonly KnownOutput[],
    described: BoundJob['outputColumns'],
  ): Promise<void> {
    const lists = new KnownLists(this.connection, this.columns, outputs);
    for (const { expression, where } of this.#parsed) {
      if (!where.startsWith('output.')) await checkIndexes(expression, where, lists);
    }
    for (const [index, { name, expression }] of parsed.entries()) {
      const facts = await checkIndexes(expression, `output.columns.${name}`, lists);
      lists.addColumn(name, facts ?? listFactsOfType(described[index]?.type ?? ''));
    }
  }

  /** Whether expressions of the output name `_file` or `_row`, and no column of the input is meant. */
  usesOrigin(parsed: readonly ParsedOutput[]): boolean {
    const own = new Set(ORIGIN_COLUMNS.map(({ name }): string => name));
    if (this.columns.some(({ name }) => own.has(foldName(name)))) return false;
    return parsed.some(({ expression }) =>
      expression.references.some(({ path: [first = '', second] }) =>
        own.has(foldName(second !== undefined && foldName(first) === 'input' ? second : first)),
      ),
    );
  }

  /** In the input's order and spelling. */
  usedColumns(): string[] {
    return this.columns.map((c) => c.name).filter((name) => this.#used.has(name));
  }

  async #parse(sql: string, where: string): Promise<Expression> {
    const expression = await parseExpression(this.connection, this.rules, sql, where);
    this.#parsed.push({ expression, where });
    for (const { path: reference } of expression.references) {
      for (const { name } of this.#scope.columns(reference)) this.#used.add(name);
    }
    for (const name of textOfBytes(expression.tree, (own) => this.#scope.columns(own))) {
      this.notices.add(bytesNotice(where, sql, name));
    }
    return expression;
  }

  async #lookForRounding(
    { sql, tree, references }: Expression,
    addressed: string,
    from: string,
    where: string,
  ): Promise<void> {
    const columns = [...new Set(references.flatMap(({ path: p }) => this.#scope.columns(p)))];
    const looked = { sql, addressed, tree, columns, where };
    this.rounded.push(...(await roundedColumns(this.connection, from, looked)));
  }

  async #parseOverInput(sql: string, where: string): Promise<Expression> {
    const expression = await this.#parse(sql, where);
    this.#addressed.set(sql, this.#scope.address(expression, where));
    return expression;
  }

  async #describe(
    sql: string,
    from: string,
    where: string,
    known: readonly { readonly name: string }[],
  ): Promise<string> {
    try {
      const [type = ''] = await this.#types(`(${this.addressed(sql)}\n) AS x`, from);
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
