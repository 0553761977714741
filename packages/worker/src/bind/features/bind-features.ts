import { shapeText } from '../../onnx/shape-text.js';
import {
  type BoundFeature,
  type Column,
  type Feature,
  featureSql,
  isImageFeature,
  NameIndex,
  ShardmillError,
  suggestion,
  type TensorInfo,
} from '@shardmill/core';
import { sqlTypeOf } from '../../onnx/tensor-types.js';
import { quoteName } from '../../duckdb/quote.js';
import { bindImage } from '../images/bind-image.js';
import { mayBeImages } from '../images/image-inputs.js';
import { castTo } from './feature-cast.js';
import { mayBeTokenIds } from '../texts/token-inputs.js';

/** Types of expressions over the input, or an error that says what is wrong with one. */
export type TypesOf = (expressions: readonly PlacedExpression[]) => Promise<string[]>;

/** An expression as the engine runs it, after its types were asked for. */
export type Addressed = (sql: string) => string;

interface PlacedExpression {
  readonly sql: string;
  /** Where in the job it stands. */
  readonly where: string;
}

/**
 * Fills every input of the model from expressions: the job's features, or columns of the inputs'
 * names.
 * @param tokens features of inputs that are filled with the tokens of a text.
 * @throws FEATURE_UNKNOWN, FEATURE_MISSING, FEATURE_COUNT, FEATURE_TYPE
 */
export async function bindFeatures(
  features: Readonly<Record<string, Feature>>,
  inputs: readonly TensorInfo[],
  columns: readonly Column[],
  typesOf: TypesOf,
  addressed: Addressed = (sql) => sql,
  tokens: ReadonlyMap<string, BoundFeature> = new Map(),
): Promise<BoundFeature[]> {
  const names = inputs.map((input) => input.name);
  for (const name of Object.keys(features)) {
    if (!names.includes(name)) {
      throw new ShardmillError(
        'FEATURE_UNKNOWN',
        `the model has no input "${name}".${suggestion(name, names, "The model's inputs are")}`,
        { where: `features.${name}` },
      );
    }
  }
  const index = new NameIndex(columns);
  const bound: BoundFeature[] = [];
  for (const input of inputs) {
    const made = tokens.get(input.name);
    if (made !== undefined) {
      bound.push(made);
      continue;
    }
    const own = Object.hasOwn(features, input.name) ? features[input.name] : undefined;
    const feature = own ?? matchByName(input, index);
    bound.push(await bindFeature(input, feature, typesOf, addressed));
  }
  return bound;
}

/** @throws FEATURE_MISSING, EXPRESSION_AMBIGUOUS */
function matchByName(input: TensorInfo, index: NameIndex<Column>): Feature {
  const [column, another] = index.find(input.name);
  if (column !== undefined && another !== undefined) {
    throw new ShardmillError(
      'EXPRESSION_AMBIGUOUS',
      `the model's input "${input.name}" can be the column "${column.name}" or "${another.name}"`,
      {
        where: `features.${input.name}`,
        remedy: `Add features: { ${quoteKey(input.name)}: '${quoteName(column.name)}' }.`,
      },
    );
  }
  if (column !== undefined) return quoteName(column.name);
  const columns = index.items;
  const shape = shapeText(input);
  throw new ShardmillError(
    'FEATURE_MISSING',
    `the model's input "${input.name}" (${input.type} ${shape}) has no feature, and there is no column of that name.${suggestion(
      input.name,
      columns.map((c) => c.name),
      'Columns are',
    )}`,
    {
      where: `features.${input.name}`,
      remedy: `Add features: { ${quoteKey(input.name)}: … } with ${wanted(input)}.`,
    },
  );
}

async function bindFeature(
  input: TensorInfo,
  feature: Feature,
  typesOf: TypesOf,
  addressed: Addressed,
): Promise<BoundFeature> {
  const where = `features.${input.name}`;
  if (isImageFeature(feature)) {
    const [sqlType = ''] = await typesOf([{ sql: feature.image, where: `${where}.image` }]);
    return bindImage(input, { feature, sqlType, addressed: addressed(feature.image) });
  }
  const width = typeof feature === 'object' && 'width' in feature ? feature.width : undefined;
  const shape = typeof feature === 'object' && 'shape' in feature ? feature.shape : undefined;
  const expressions = featureSql(feature);
  const listed = typeof feature !== 'string' && (Array.isArray(feature) || expressions.length > 1);
  const placed = expressions.map((expression, index) => ({
    sql: expression,
    where: listed ? `${where}[${index}]` : where,
  }));
  const types = await typesOf(placed);
  const isList = types.length === 1 && /\[\d*\]$/.test(types[0] ?? '');
  const columns = placed.map((expression, index) => ({
    label: unquoted(expression.sql),
    sql: castTo(addressed(expression.sql), types[index] ?? '', input, isList, expression.where),
  }));
  const count = isList ? width : expressions.length;
  const rowShape =
    shape !== undefined
      ? givenShape(input, shape, count, where)
      : isList
        ? listShape(input, types[0] ?? '', width, where)
        : scalarShape(input, expressions.length, where);
  return {
    input: input.name,
    type: input.type,
    layout: isList ? 'list' : 'scalars',
    width: rowShape.reduce((product, dim) => product * dim, 1),
    rowShape,
    columns,
  };
}

/** The dimensions that the job gives, if they fit the model's and the number of expressions. */
function givenShape(
  input: TensorInfo,
  shape: readonly number[],
  count: number | undefined,
  where: string,
): number[] {
  const rest = input.shape.slice(1);
  const fits = rest.every((dim, index) => !isFixed(dim) || dim === shape[index]);
  if ((input.shape.length > 0 && rest.length !== shape.length) || !fits) {
    throw new ShardmillError(
      'FEATURE_COUNT',
      `the model's input "${input.name}" has the shape ${shapeText(input)}, and the job gives [N, ${shape.join(', ')}]`,
      { where, remedy: 'Give the dimensions after the first, in their order.' },
    );
  }
  const product = shape.reduce((result, dim) => result * dim, 1);
  if (count !== undefined && count !== product) throw countError(input, count, product, where);
  return [...shape];
}

/** Dimensions after the batch for `count` scalar expressions. */
function scalarShape(input: TensorInfo, count: number, where: string): number[] {
  const rest = input.shape.slice(1);
  if (input.shape.length <= 1) {
    if (count === 1) return input.shape.length === 0 ? [1] : [];
    throw countError(input, count, 1, where);
  }
  const open = rest.filter((dim) => typeof dim === 'string' || dim < 0).length;
  const known = rest.reduce<number>((p, dim) => (isFixed(dim) ? p * dim : p), 1);
  if (open === 0 && known !== count) throw countError(input, count, known, where);
  if (open > 1) throw openError(input, where);
  if (count % known !== 0) throw countError(input, count, known, where);
  return rest.map((dim) => (isFixed(dim) ? dim : count / known));
}

/** Dimensions after the batch for a list column: the model's, else the array's or the job's width. */
function listShape(
  input: TensorInfo,
  sqlType: string,
  width: number | undefined,
  where: string,
): number[] {
  const rest = input.shape.slice(1);
  const open = rest.filter((dim) => !isFixed(dim)).length;
  const known = rest.reduce<number>((p, dim) => (isFixed(dim) ? p * dim : p), 1);
  const arrayLength = /\[(\d+)\]$/.exec(sqlType)?.[1];
  const given = width ?? (arrayLength === undefined ? undefined : Number(arrayLength));
  if (input.shape.length === 1) {
    throw new ShardmillError(
      'FEATURE_TYPE',
      `the model's input "${input.name}" takes one ${input.type} per row (${shapeText(input)}); the expression is a list (${sqlType})`,
      { where, remedy: 'Take one element, for example x[1].' },
    );
  }
  if (open === 0 && rest.length > 0) {
    if (given !== undefined && given !== known) throw countError(input, given, known, where);
    return rest.filter(isFixed);
  }
  if (open > 1) throw openError(input, where);
  if (given === undefined || given % known !== 0) {
    throw new ShardmillError(
      'FEATURE_COUNT',
      `the model's input "${input.name}" has the open shape ${shapeText(input)}; the length of the lists must be known before the run`,
      { where, remedy: `Give it: { sql: '…', width: 384 }.` },
    );
  }
  return rest.length === 0 ? [given] : rest.map((dim) => (isFixed(dim) ? dim : given / known));
}

const isFixed = (dim: number | string): dim is number => typeof dim === 'number' && dim >= 0;

function openError(input: TensorInfo, where: string): ShardmillError {
  const example = input.shape.slice(1).map((dim) => (isFixed(dim) ? dim : 2));
  return new ShardmillError(
    'FEATURE_COUNT',
    `the model's input "${input.name}" has the shape ${shapeText(input)}, in which more than one dimension is open`,
    { where, remedy: `Give all of them: { sql: …, shape: [${example.join(', ')}] }.` },
  );
}

function countError(
  input: TensorInfo,
  seen: number,
  expected: number,
  where: string,
): ShardmillError {
  return new ShardmillError(
    'FEATURE_COUNT',
    `the model's input "${input.name}" has the shape ${shapeText(input)}: expected ${expected} values per row, found ${seen}`,
    { where },
  );
}

function wanted(input: TensorInfo): string {
  if (mayBeImages(input)) {
    return "a list column, or, for images, { image: 'COLUMN', crop: 224 } (see `shardmill docs images`)";
  }
  if (mayBeTokenIds(input)) {
    return "a list column, or, for texts, { tokenize: 'COLUMN', tokenizer: './tokenizer.json', maxLength: 256 } (see `shardmill docs text`)";
  }
  const rest = input.shape.slice(1);
  const count = rest.reduce<number>((p, dim) => (isFixed(dim) ? p * dim : p), 1);
  const sql = sqlTypeOf(input.type);
  return count === 1
    ? `an SQL expression that gives ${sql}`
    : `${count} SQL expressions that give ${sql}, or a list column`;
}

/** A quoted name as it is; any other expression unchanged. */
function unquoted(sql: string): string {
  const name = /^"((?:[^"]|"")+)"$/.exec(sql)?.[1];
  return name === undefined ? sql : name.replaceAll('""', '"');
}

const quoteKey = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`);
