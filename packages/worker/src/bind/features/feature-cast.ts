import { ShardmillError, type TensorInfo } from '@shardmill/core';
import { mayBeImages } from '../images/image-inputs.js';
import { mayBeTokenIds } from '../texts/token-inputs.js';
import { sqlTypeOf } from '../../onnx/tensor-types.js';

/**
 * The expression converted to what the model's input takes. Conversions that change no value's
 * meaning are made silently; a value out of range becomes null, and so follows the `nulls` policy;
 * anything else must be said in the job's SQL. @throws FEATURE_TYPE
 */
export function castTo(
  expression: string,
  sqlType: string,
  input: TensorInfo,
  isList: boolean,
  where: string,
): string {
  const element = isList ? sqlType.replace(/\[\d*\]$/, '') : sqlType;
  const target = sqlTypeOf(input.type);
  const refused = refusal(element, input);
  if (refused !== undefined) {
    throw new ShardmillError(
      'FEATURE_TYPE',
      `"${expression}" is ${sqlType}; the model's input "${input.name}" takes ${input.type}`,
      { where, remedy: `${refused}.` },
    );
  }
  if (isList) return `TRY_CAST((${expression}\n) AS ${target}[])`;
  return element === target ? `(${expression}\n)` : `TRY_CAST((${expression}\n) AS ${target})`;
}

const IMAGES =
  "If the bytes are images, write { image: 'x', crop: 224 } (see `shardmill docs images`)";
const TEXTS =
  "For the tokens of a text write { tokenize: 'x', tokenizer: './tokenizer.json', maxLength: 256 } (see `shardmill docs text`); a number in a text is try_cast(x AS BIGINT)";

const INTEGERS = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const FRACTIONS = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** What to write instead, where a type does not fit; undefined where it does. */
function refusal(sqlType: string, input: TensorInfo): string | undefined {
  if (sqlType === '"NULL"') return undefined;
  const isInteger = INTEGERS.test(sqlType);
  const isFraction = FRACTIONS.test(sqlType);
  switch (input.type) {
    case 'float32':
    case 'float64':
    case 'float16':
      if (isInteger || isFraction || sqlType === 'BOOLEAN') return undefined;
      if (sqlType === 'VARCHAR') return 'Convert it, for example try_cast(x AS FLOAT)';
      if (sqlType === 'BLOB' && mayBeImages(input)) return IMAGES;
      if (sqlType === 'BLOB') return 'If the bytes are text, write try_cast(decode(x) AS FLOAT)';
      if (/^(DATE|TIMESTAMP)/.test(sqlType)) return 'Make a number of it, for example epoch(x)';
      return 'Make a number of it in SQL';
    case 'string':
      if (sqlType === 'VARCHAR' || sqlType.startsWith('ENUM')) return undefined;
      // A cast would write what is not ASCII as \xC3\xA9.
      if (sqlType === 'BLOB') return 'If the bytes are UTF-8 text, write decode(x)';
      return 'Say how it is written, for example CAST(x AS VARCHAR)';
    case 'bool':
      if (sqlType === 'BOOLEAN') return undefined;
      return 'Make a condition of it, for example x > 0';
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      if (isInteger || sqlType === 'BOOLEAN') return undefined;
      if (isFraction) return 'Say how to round it, for example CAST(round(x) AS BIGINT)';
      if (sqlType === 'BLOB' && mayBeImages(input)) return IMAGES;
      if (sqlType === 'BLOB') return 'If the bytes are text, write try_cast(decode(x) AS BIGINT)';
      if (sqlType === 'VARCHAR' && mayBeTokenIds(input)) return TEXTS;
      return 'Convert it, for example try_cast(x AS BIGINT)';
    default: {
      const unknown: never = input.type;
      return unknown;
    }
  }
}
