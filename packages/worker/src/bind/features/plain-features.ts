import {
  type Column,
  type Feature,
  featureSql,
  foldName,
  type PlainFeature,
  type TensorInfo,
} from '@shardmill/core';
import { plainReference } from '../../sql/plain-reference.js';
import { quoteName } from '../../duckdb/quote.js';

/** The columns that features take as they are: a null in one of them is a null in the feature. */
export function plainFeatures(
  features: Readonly<Record<string, Feature>>,
  inputs: readonly TensorInfo[],
  columns: readonly Column[],
): PlainFeature[] {
  return inputs.flatMap(({ name, type }) => {
    const own = Object.hasOwn(features, name) ? features[name] : undefined;
    return featureSql(own ?? quoteName(name)).flatMap((sql) => {
      const reference = plainReference(sql);
      if (reference?.element !== undefined || reference?.table === 'model') return [];
      // Of names that differ only in case, it is not known here which one is meant.
      const [column, ...others] = columns.filter((c) => foldName(c.name) === reference?.name);
      if (column === undefined || others.length > 0) return [];
      return [{ column: column.name, float: type.startsWith('float') }];
    });
  });
}
