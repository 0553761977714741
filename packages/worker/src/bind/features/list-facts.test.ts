import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { hasElement, listFactsOfType, sliceWidth } from './list-facts.js';

describe('lists of a known width', () => {
  it('have the elements and slices that DuckDB finds in them', async () => {
    const database = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await database.connect();
    try {
      const bounds = [undefined, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5];
      for (const width of [1, 3]) {
        const list = `[${Array.from({ length: width }, (_, i) => i + 1).join(', ')}]`;
        const queries = bounds.flatMap((from) => bounds.map((to) => ({ from, to })));
        const items = queries.map(
          ({ from, to }) => `len(${list}[${from ?? ''}:${to ?? ''}])::INTEGER`,
        );
        const slices = await connection.runAndReadAll(`SELECT ${items.join(', ')}`);
        expect(queries.map(({ from, to }) => sliceWidth(width, from, to))).toEqual(
          slices.getRows()[0],
        );
        const places = bounds.filter((bound) => bound !== undefined);
        const elements = await connection.runAndReadAll(
          `SELECT ${places.map((place) => `${list}[${place}] IS NOT NULL`).join(', ')}`,
        );
        expect(places.map((place) => hasElement(width, place))).toEqual(elements.getRows()[0]);
      }
    } finally {
      connection.closeSync();
      database.closeSync();
    }
  });

  it('are read from types, the last brackets being the outermost list', () => {
    expect(listFactsOfType('FLOAT[384]')).toEqual({ width: 384, element: undefined });
    expect(listFactsOfType('INTEGER[3][]')).toEqual({
      width: undefined,
      element: { width: 3, element: undefined },
    });
    expect(listFactsOfType('VARCHAR')).toBeUndefined();
    expect(listFactsOfType('MAP(VARCHAR, INTEGER[])')).toBeUndefined();
  });
});
