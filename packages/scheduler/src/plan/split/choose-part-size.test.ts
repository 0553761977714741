import { describe, expect, it } from 'vitest';
import { choosePartSize as chooseFor } from './choose-part-size.js';

const work = (multiplyAdds: number, activationBytes = 1) =>
  ({ multiplyAdds, activationBytes, basis: 'graph' }) as const;

type Rest = Parameters<typeof chooseFor>;
const choosePartSize = (given: Rest[0], of: Rest[1], files: Rest[2] = { columns: [] }) =>
  chooseFor(given, of, files);

describe('the rows of a part', () => {
  it('are those that the job gives, whatever the model costs', () => {
    expect(choosePartSize(7, work(2 ** 40))).toEqual({
      rows: 7,
      given: true,
      work: work(2 ** 40),
    });
  });

  it('are 262,144 for a cheap model, and where nothing is known of it', () => {
    expect(choosePartSize(undefined, undefined)).toEqual({ rows: 262_144, given: false });
    expect(choosePartSize(undefined, work(2 ** 20)).rows).toBe(262_144);
  });

  it('come to about a minute of work', () => {
    expect(choosePartSize(undefined, work(2 ** 29, 2 ** 24)).rows).toBe(4096);
    expect(choosePartSize(undefined, work(1, 2 ** 27)).rows).toBe(4096);
    for (let power = 20; power < 44; power++) {
      const { rows } = choosePartSize(undefined, work(2 ** power));
      const seconds = (rows * 2 ** power) / 40e9;
      if (rows < 262_144 && rows > 256) {
        expect(seconds).toBeGreaterThan(40);
        expect(seconds).toBeLessThan(90);
      }
    }
  });

  it('are never fewer than 256', () => {
    expect(choosePartSize(undefined, work(2 ** 50)).rows).toBe(256);
  });

  it('are more where each part is divided into files, as long as its values are few', () => {
    const rowsOf = (types: readonly string[], cost = 2 ** 20): number => {
      const columns = ['DATE', ...types].map((type, index) => ({ name: `c${index}`, type }));
      return choosePartSize(undefined, work(cost), { columns, partitionBy: ['c0'] }).rows;
    };
    expect(rowsOf(['BIGINT', 'VARCHAR', 'DECIMAL(18,2)', 'FLOAT'])).toBe(1_048_576);
    expect(rowsOf(Array(8).fill('FLOAT'))).toBe(524_288);
    expect(rowsOf(Array(9).fill('FLOAT'))).toBe(262_144);
    expect(rowsOf(Array(100).fill('FLOAT'))).toBe(262_144);
    expect(rowsOf(['FLOAT[384]'])).toBe(262_144);
    expect(rowsOf(['STRUCT(a FLOAT)'])).toBe(262_144);
    // A model that costs much has parts of a minute, as without partitions.
    expect(rowsOf(['FLOAT'], 2 ** 40)).toBe(256);
  });
});
