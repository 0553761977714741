import { type Plan, sqlNameLookup } from '@shardmill/core';

/**
 * The output columns that hold what the model said: those whose SQL names a model output, or
 * another such column. An identifier that is handed on is numeric often enough, and its histogram
 * says nothing.
 */
export function scoreColumns(scoring: Plan['scoring']): string[] {
  const { outputs } = scoring.model;
  const sqlName = sqlNameLookup(outputs, 'output');
  const names = new Set(outputs.map(({ name }) => sqlName(name).toLowerCase()));
  const scores: string[] = [];
  for (const { name, sql } of scoring.output.columns) {
    const words =
      withoutTexts(sql)
        .toLowerCase()
        .match(/[\p{L}_][\p{L}\p{N}_.:]*|"[^"]+"/gu) ?? [];
    const usesScore = words.some((word) => {
      const plain = word.replaceAll('"', '');
      return plain.startsWith('model.') || names.has(plain);
    });
    if (!usesScore) continue;
    scores.push(name);
    names.add(name.toLowerCase());
  }
  return scores;
}

const withoutTexts = (sql: string): string => sql.replaceAll(/'(?:[^']|'')*'/g, ' ');
