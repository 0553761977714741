import { describe, expect, it } from 'vitest';
import { choosePartSize } from './choose-part-size.js';

const work = (multiplyAdds: number, activationBytes = 1) =>
  ({ multiplyAdds, activationBytes, basis: 'graph' }) as const;

const NOTHING = { given: undefined, work: undefined };

describe('the rows of a part', () => {
  it('are those that the job gives, whatever the model costs', () => {
    expect(choosePartSize({ given: 7, work: work(2 ** 40) })).toEqual({
      rows: 7,
      given: true,
      work: work(2 ** 40),
    });
  });

  it('are 262,144 for a cheap model, and where nothing is known of it', () => {
    expect(choosePartSize(NOTHING)).toEqual({ rows: 262_144, given: false });
    expect(choosePartSize({ given: undefined, work: work(2 ** 20) }).rows).toBe(262_144);
  });

  it('come to about a minute of work', () => {
    expect(choosePartSize({ given: undefined, work: work(2 ** 29, 2 ** 24) }).rows).toBe(4096);
    expect(choosePartSize({ given: undefined, work: work(1, 2 ** 27) }).rows).toBe(4096);
    for (let power = 20; power < 44; power++) {
      const { rows } = choosePartSize({ given: undefined, work: work(2 ** power) });
      const seconds = (rows * 2 ** power) / 40e9;
      if (rows < 262_144 && rows > 256) {
        expect(seconds).toBeGreaterThan(40);
        expect(seconds).toBeLessThan(90);
      }
    }
  });

  it('are never fewer than 256', () => {
    expect(choosePartSize({ given: undefined, work: work(2 ** 50) }).rows).toBe(256);
  });

  it('are more where each part is divided into a file for each partition', () => {
    const files = { columns: [{ name: 'score', type: 'FLOAT' }], partitionBy: ['p'] };
    expect(choosePartSize({ ...NOTHING, files }).rows).toBe(1_048_576);
    expect(choosePartSize({ given: undefined, work: work(2 ** 20), files }).rows).toBe(1_048_576);
    // A model that costs much has parts of a minute all the same.
    expect(choosePartSize({ given: undefined, work: work(2 ** 50), files }).rows).toBe(256);
  });

  it('are fewer where lanes would be left without a part that is worth it', () => {
    const of = (rows: number, bytes: number, multiplyAdds = 1, rowGroups = 20): unknown =>
      choosePartSize({
        given: undefined,
        work: work(multiplyAdds),
        input: { rows, bytes, rowGroups },
      });
    // A second of reading is two parts, and 0.9 of one are one.
    expect(of(200_000, 100e6)).toMatchObject({ rows: 100_000, shared: true });
    expect(of(200_000, 90e6)).not.toHaveProperty('shared');
    // Rows that take the model 10 seconds are shared by 16 parts, and those that take it 2 hours are parts of a minute.
    expect(of(1000 * 1024, 0, 400e3)).toMatchObject({ rows: 64_000, shared: true });
    expect(of(1_200_000, 0, 240e6)).toEqual(
      choosePartSize({ given: undefined, work: work(240e6) }),
    );
    expect(of(0, 0)).not.toHaveProperty('shared');
    // To read a row group several times is worth it for a model that takes long, and only then.
    expect(of(500_000, 600e6, 1, 4)).toMatchObject({ rows: 125_000, shared: true });
    expect(of(500_000, 600e6, 1, 1)).not.toHaveProperty('shared');
    expect(of(500_000, 600e6, 1e6, 1)).toMatchObject({ rows: 31_250, shared: true });
    // Where nothing is known of the model, what is read decides.
    const input = { rows: 200_000, bytes: 300e6, rowGroups: 20 };
    expect(choosePartSize({ ...NOTHING, input })).toEqual({
      rows: 33_334,
      given: false,
      shared: true,
    });
  });

  it('are as many as before where more parts would be more files of each partition', () => {
    const files = { columns: [{ name: 'score', type: 'FLOAT' }], partitionBy: ['p'] };
    const input = { rows: 1_000_000, bytes: 1e9, rowGroups: 20 };
    expect(choosePartSize({ ...NOTHING, files, input })).toEqual(
      choosePartSize({ ...NOTHING, files }),
    );
  });

  const target = { fileBytes: 2 ** 27, bytesPerRow: 64, measured: 1 };

  it('fill a file of the size that the job wants, unless it gives their number', () => {
    expect(choosePartSize({ ...NOTHING, target })).toEqual({ rows: 2 ** 21, given: false, target });
    const modest = choosePartSize({ given: undefined, work: work(2 ** 17), target });
    expect(modest).toEqual({ rows: 2 ** 21, given: false, work: work(2 ** 17), target });
    expect(choosePartSize({ given: 7, work: undefined, target })).toEqual({ rows: 7, given: true });
    expect(choosePartSize({ ...NOTHING, target: { ...target, bytesPerRow: 2 ** 40 } }).rows).toBe(
      1,
    );
  });

  it('are fewer than fill it where that takes a lane over ten minutes, or they are too many', () => {
    const slow = choosePartSize({ given: undefined, work: work(2 ** 33), target });
    expect(slow.target?.cappedBy).toBe('work');
    expect((slow.rows * 2 ** 33) / 40e9).toBeLessThan(601);
    expect((slow.rows * 2 ** 33) / 40e9).toBeGreaterThan(590);
    const thin = choosePartSize({ ...NOTHING, target: { ...target, bytesPerRow: 1 } });
    expect(thin).toMatchObject({ rows: 2 ** 24, target: { cappedBy: 'rows' } });
  });
});
