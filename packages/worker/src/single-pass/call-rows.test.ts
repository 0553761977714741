import { describe, expect, it } from 'vitest';
import { CHUNK_ROWS } from '../duckdb/raw-vector.js';
import { CallRows } from './call-rows.js';

/** Scores whole chunks of a model that takes so long for one with calls of so many rows. */
function scoreChunks(millisecondsOf: (callRows: number) => number, chunks = 40): number[] {
  const calls = new CallRows();
  return Array.from({ length: chunks }, () => {
    const { rows } = calls;
    calls.record(CHUNK_ROWS, millisecondsOf(rows));
    return rows;
  });
}

describe('the rows of a call in a single pass', () => {
  it('are all of a chunk for a cheap model, after a few chunks', () => {
    expect(new Set(scoreChunks((rows) => (rows === CHUNK_ROWS ? 0.4 : 0.1)))).toEqual(
      new Set([CHUNK_ROWS]),
    );
  });

  it('are those that were fastest', () => {
    const took = (rows: number): number => (rows === CHUNK_ROWS / 4 ? 3 : 4);
    const rows = scoreChunks(took);
    expect(new Set(rows)).toEqual(
      new Set([CHUNK_ROWS, CHUNK_ROWS / 2, CHUNK_ROWS / 4, CHUNK_ROWS / 8]),
    );
    expect(new Set(rows.slice(16))).toEqual(new Set([CHUNK_ROWS / 4]));
  });

  it('are the most among sizes that are as fast but for noise', () => {
    const took = (rows: number): number => (rows === CHUNK_ROWS ? 4 : 3.9);
    expect(scoreChunks(took).at(-1)).toBe(CHUNK_ROWS);
  });

  it('are not misled by a chunk that was disturbed', () => {
    let chunk = 0;
    const took = (rows: number): number => (++chunk % 4 === 0 ? 50 : rows === CHUNK_ROWS ? 4 : 3);
    expect(scoreChunks(took).at(-1)).toBe(CHUNK_ROWS / 2);
  });

  it('are not found on chunks that are not whole', () => {
    const calls = new CallRows();
    for (let chunk = 0; chunk < 40; chunk++) calls.record(CHUNK_ROWS - 1, 4);
    expect(calls.rows).toBe(CHUNK_ROWS);
    for (let chunk = 0; chunk < 4; chunk++) calls.record(CHUNK_ROWS, 4);
    expect(calls.rows).toBe(CHUNK_ROWS / 2);
  });
});
