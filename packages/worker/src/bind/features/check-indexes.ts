import { ShardmillError } from '@shardmill/core';
import { isNode, type SqlNode, walk } from '../../sql/parse-expression.js';
import { hasElement, type ListFacts, listFactsOfType, sliceWidth } from './list-facts.js';

/** What an expression can see, by its names. */
export interface VisibleLists {
  /** Facts on a reference such as `p` or `model.p`; undefined where it is no list, or not known. */
  facts(reference: readonly string[]): ListFacts | undefined;
  /** The SQL type of an expression; undefined where it cannot be determined. */
  typeOf(sql: SqlNode): Promise<string | undefined>;
  /** The value of an expression without references; undefined where it is no whole number. */
  valueOf(sql: SqlNode): Promise<number | undefined>;
}

/**
 * Refuses elements and slices of lists that cannot be there in any row: they would be null, or
 * empty, in every row of the result.
 * @returns what is known of the list that the expression itself gives.
 * @throws INDEX_OUT_OF_RANGE
 */
export async function checkIndexes(
  { sql, tree }: { readonly sql: string; readonly tree: SqlNode },
  where: string,
  lists: VisibleLists,
): Promise<ListFacts | undefined> {
  const check = new IndexCheck(sql, where, lists, lambdaParameters(tree));
  for (const node of walk(tree)) if (accessOf(node) !== undefined) await check.factsOf(node);
  return check.factsOf(tree);
}

/** Functions that give as many elements as they get. */
const SAME_WIDTH = /^(list|array)_(transform|apply|sort|reverse|reverse_sort)$|^(apply|transform)$/;

/** What a place is computed with, where that takes no time. */
const ARITHMETIC = /^(\+|-|\*|\/\/|%|abs)$/;

interface Access {
  readonly kind: 'element' | 'slice' | 'select';
  readonly list: SqlNode;
  readonly places: readonly SqlNode[];
}

/** An access to a list, however it is written: `p[1]`, `list_extract(p, 1)`, `p.list_extract(1)`. */
function accessOf(node: SqlNode): Access | undefined {
  const [list, ...places] = operandsOf(node);
  if (list === undefined || places.length === 0) return undefined;
  if (node['type'] === 'ARRAY_EXTRACT') return { kind: 'element', list, places };
  if (node['type'] === 'ARRAY_SLICE') return { kind: 'slice', list, places };
  if (node['class'] !== 'FUNCTION') return undefined;
  const name = String(node['function_name']).toLowerCase();
  if (/^(list|array)_extract$|^list_element$/.test(name)) return { kind: 'element', list, places };
  if (/^(list|array)_slice$/.test(name)) return { kind: 'slice', list, places };
  if (/^(list|array)_select$/.test(name)) return { kind: 'select', list, places };
  return undefined;
}

/** Children of a node; what a function is called on with a dot is the first of them. */
function operandsOf(node: SqlNode): SqlNode[] {
  const children = node['children'];
  const own = Array.isArray(children) ? children.filter(isNode) : [];
  const before = [node['catalog'], node['schema']].filter(
    (name) => name !== '' && name !== undefined,
  );
  if (node['class'] !== 'FUNCTION' || before.length === 0) return own;
  return [{ class: 'COLUMN_REF', type: 'COLUMN_REF', column_names: before }, ...own];
}

class IndexCheck {
  readonly #known = new Map<SqlNode, ListFacts | undefined>();

  constructor(
    readonly sql: string,
    readonly where: string,
    readonly lists: VisibleLists,
    readonly lambdas: ReadonlySet<string>,
  ) {}

  async factsOf(node: SqlNode): Promise<ListFacts | undefined> {
    if (!this.#known.has(node)) this.#known.set(node, await this.#factsOf(node));
    return this.#known.get(node);
  }

  async #factsOf(node: SqlNode): Promise<ListFacts | undefined> {
    if (node['class'] === 'COLUMN_REF') {
      const names = node['column_names'];
      const path = Array.isArray(names) ? names.map(String) : [];
      return this.lambdas.has(path[0] ?? '') ? undefined : this.lists.facts(path);
    }
    const access = accessOf(node);
    if (access !== undefined) return this.#accessed(access);
    if (node['class'] !== 'FUNCTION') return undefined;
    const operands = operandsOf(node);
    const name = String(node['function_name']).toLowerCase();
    if (/^(list|array)_value$/.test(name)) return { width: operands.length, element: undefined };
    const [list] = operands;
    return SAME_WIDTH.test(name) && list !== undefined
      ? { width: (await this.factsOf(list))?.width, element: undefined }
      : undefined;
  }

  async #accessed({ kind, list, places }: Access): Promise<ListFacts | undefined> {
    const facts = (await this.factsOf(list)) ?? (await this.#factsOfType(list, kind, places));
    if (facts === undefined) return undefined;
    switch (kind) {
      case 'element': {
        const index = await this.#place(places[0]);
        if (index !== undefined && !hasElement(facts.width, index))
          throw this.#noElement(index, facts);
        return facts.element;
      }
      case 'select': {
        const [chosen] = places;
        const items = chosen === undefined ? [] : operandsOf(chosen);
        for (const item of items) {
          const index = await this.#place(item);
          if (index !== undefined && !hasElement(facts.width, index))
            throw this.#noElement(index, facts);
        }
        return { width: undefined, element: facts.element };
      }
      case 'slice': {
        const [from, to, step] = places;
        const width = step === undefined ? await this.#sliced(facts.width, from, to) : undefined;
        return { width, element: facts.element };
      }
      default: {
        const unknown: never = kind;
        return unknown;
      }
    }
  }

  async #sliced(
    width: number | undefined,
    from: SqlNode | undefined,
    to: SqlNode | undefined,
  ): Promise<number | undefined> {
    if (width === undefined) return undefined;
    const bounds = [from, to].map(async (bound) =>
      bound === undefined || isOpen(bound) ? undefined : ((await this.#place(bound)) ?? Number.NaN),
    );
    const [first, last] = await Promise.all(bounds);
    const left = sliceWidth(width, first, last);
    if (Number.isNaN(left)) return undefined;
    if (left > 0 || width === 0) return left;
    throw this.#refusal(
      `"${this.sql}" takes the elements from ${first ?? 'the first'} to ${last ?? 'the last'} of a list of ${width}: there are none in any row`,
      width,
    );
  }

  /** A place that is the same in every row. */
  async #place(node: SqlNode | undefined): Promise<number | undefined> {
    if (node === undefined) return undefined;
    for (const { class: kind, function_name: name } of walk(node)) {
      if (kind === 'COLUMN_REF') return undefined;
      if (kind === 'FUNCTION' && !ARITHMETIC.test(String(name))) return undefined;
    }
    const value = constantOf(node);
    return value ?? this.lists.valueOf(node);
  }

  /** A type shows whether it is a list at all, and the width of a cast: DuckDB is asked for these. */
  async #factsOfType(
    list: SqlNode,
    kind: Access['kind'],
    places: readonly SqlNode[],
  ): Promise<ListFacts | undefined> {
    if (list['class'] === 'COLUMN_REF') return undefined;
    const first = kind === 'element' && (await this.#place(places[0])) === 0;
    if (!first && list['class'] !== 'CAST') return undefined;
    const type = await this.lists.typeOf(list);
    return type === undefined ? undefined : listFactsOfType(type);
  }

  #noElement(index: number, { width }: ListFacts): ShardmillError {
    const what =
      index === 0
        ? 'takes element 0, and SQL counts from 1'
        : `takes element ${index} of a list of ${width}`;
    return this.#refusal(`"${this.sql}" ${what}: it is null in every row`, width);
  }

  #refusal(message: string, width: number | undefined): ShardmillError {
    const remedy =
      width === undefined
        ? undefined
        : `The elements are 1${width > 1 ? ` to ${width}` : ''}, or counted from the end -1${width > 1 ? ` to -${width}` : ''}.`;
    return new ShardmillError('INDEX_OUT_OF_RANGE', message, { where: this.where, remedy });
  }
}

/** An integer as it is written. */
function constantOf(node: SqlNode): number | undefined {
  const value = node['class'] === 'CONSTANT' ? node['value'] : undefined;
  const number = isNode(value) ? value['value'] : undefined;
  const type = isNode(value) && isNode(value['type']) ? String(value['type']['id']) : '';
  return /^(TINY|SMALL|BIG)?INT(EGER)?$/.test(type) && typeof number === 'number'
    ? number
    : undefined;
}

/** A bound that is left out is an empty list in the tree. */
function isOpen(node: SqlNode): boolean {
  const value = node['class'] === 'CONSTANT' ? node['value'] : undefined;
  return isNode(value) && isNode(value['type']) && value['type']['id'] === 'LIST';
}

function lambdaParameters(tree: SqlNode): Set<string> {
  const names = new Set<string>();
  for (const node of walk(tree)) {
    if (node['class'] !== 'LAMBDA') continue;
    for (const { column_names: parameter } of walk(node['lhs'])) {
      if (Array.isArray(parameter)) names.add(String(parameter[0]));
    }
  }
  return names;
}
