import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type BoundJob,
  type ColumnUse,
  type RoundedColumn,
  type Column,
  foldName,
  NameIndex,
  ShardmillError,
  suggestion,
  type TensorInfo,
} from '@shardmill/core';
import { ORIGIN_COLUMNS } from '../scan/row-origin.js';
import type { FunctionRules } from '../sql/function-rules.js';
import { type Expression, parseAhead, parseExpression } from '../sql/parse-expression.js';
import type { KnownOutput } from '../row-wise/check-outputs.js';
import type { TypesOf } from './features/bind-features.js';
import { checkIndexes } from './features/check-indexes.js';
import { columnUseOf } from './outputs/column-use.js';
import { KnownLists } from './features/known-lists.js';
import { listFactsOfType } from './features/list-facts.js';
import { type ParsedOutput, selectList } from './outputs/bind-outputs.js';
import { bytesNotice, textOfBytes } from './texts/text-of-bytes.js';
import { roundedColumns } from './outputs/rounded-columns.js';
import { bindError } from './bind-error.js';
import { SqlScope } from './sql-scope.js';
import { duckdbMessage } from '../duckdb/duckdb-error.js';

/** What expressions of the output stand over. */
const OUTPUT_FROM = 'input POSITIONAL JOIN model';
/** The same with where each row comes from. */
const OUTPUT_FROM_WITH_ORIGIN = `(SELECT *, ${ORIGIN_COLUMNS.map(
  ({ name, type }) => `NULL::${type} AS ${name}`,
).join(', ')} FROM input) AS input POSITIONAL JOIN model`;

/** Parses and binds expressions, and remembers which input columns they use. */
export class Binder {
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
    await parseAhead(this.connection, this.rules, expressions);
    for (const { sql, where } of expressions) await this.#parseOverInput(sql, where);
    const items = expressions.map(
      ({ sql }, index) => `(${this.addressed(sql)}\n) AS _shardmill_${index}`,
    );
    try {
      return await this.#types(items.join(', '), 'input');
    } catch {
      // Each expression is bound by itself, so that an error names the one at fault.
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
    const all = Array.from(expressions.values(), (sql) => ({ sql }));
    await parseAhead(this.connection, this.rules, all);
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

  /** An expression of the output, by itself. */
  parseOutput(sql: string, where: string): Promise<Expression> {
    return this.#parse(sql, where);
  }

  /** Types of the output columns, of which each may use the ones before it. */
  async describeOutputs(
    parsed: readonly ParsedOutput[],
    outputs: readonly TensorInfo[],
  ): Promise<BoundJob['outputColumns']> {
    const scope = new SqlScope(this.columns, outputs);
    const from = this.usesOrigin(parsed) ? OUTPUT_FROM_WITH_ORIGIN : OUTPUT_FROM;
    const placeOf = ({ name, where }: ParsedOutput): string => where ?? `output.columns.${name}`;
    const columns = parsed.map((column) => ({
      name: column.name,
      sql: column.addressed ?? scope.address(column.expression, placeOf(column)),
      type: '',
    }));
    const typesOfFirst = (count: number): Promise<string[]> =>
      this.#types(selectList(columns.slice(0, count)), from);
    try {
      const types = await typesOfFirst(columns.length);
      for (const [index, column] of parsed.entries()) {
        const { sql = '' } = columns[index] ?? {};
        await this.#lookForRounding(column.expression, sql, from, placeOf(column));
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
      const failed = parsed[good];
      throw bindError(duckdbMessage(fault), failed === undefined ? '' : placeOf(failed), known);
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
    await this.checkOutputIndexes(parsed, outputs, described);
  }

  /** The same in expressions of the output alone. @throws INDEX_OUT_OF_RANGE */
  async checkOutputIndexes(
    parsed: readonly ParsedOutput[],
    outputs: readonly KnownOutput[],
    described: BoundJob['outputColumns'],
  ): Promise<void> {
    const lists = new KnownLists(this.connection, this.columns, outputs);
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

  /** Where each output column comes from. */
  columnUse(parsed: readonly ParsedOutput[], outputs: readonly TensorInfo[]): ColumnUse {
    const own = this.#parsed.filter(({ where }) => !where.startsWith('output.'));
    return columnUseOf(own, parsed, new SqlScope(this.columns, outputs));
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
