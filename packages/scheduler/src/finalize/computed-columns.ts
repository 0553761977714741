import type { Plan } from '@shardmill/core';

const REFERENCE = /^\(?(?:input\.)?(?:"((?:[^"]|"")*)"|([A-Za-z_]\w*))\)?$/i;

/** Output columns that are more than a column of the input, whose nulls are the input's own. */
export function computedColumns({ input, model, output }: Plan['scoring']): string[] {
  const named = (list: readonly { readonly name: string }[]): ReadonlySet<string> =>
    new Set(list.map(({ name }) => name.toLowerCase()));
  const [columns, outputs] = [named(input.columns), named(model.outputs)];
  return output.columns
    .filter(({ sql }) => {
      const match = REFERENCE.exec(sql.trim());
      const name = (match?.[1]?.replaceAll('""', '"') ?? match?.[2])?.toLowerCase();
      return name === undefined || !columns.has(name) || outputs.has(name);
    })
    .map(({ name }) => name);
}

const NUMERIC = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** What the profile of an output column is of, if the job computes it; undefined where it has none. */
export function outputKind(type: string): 'number' | 'text' | undefined {
  if (type === 'VARCHAR') return 'text';
  return NUMERIC.test(type) ? 'number' : undefined;
}
