import { describe, expect, it } from 'vitest';
import { nearestNames, suggestion } from './nearest-name.js';

describe('nearest names', () => {
  it.each([
    ['tenur', ['tenure', 'contract'], ['tenure']],
    ['TENURE', ['tenure'], ['tenure']],
    ['tenrue', ['tenure', 'xyz'], ['tenure']],
    ['charges', ['monthly_charges', 'total_charges', 'x'], ['monthly_charges', 'total_charges']],
    ['abc', ['xyz', 'total'], []],
  ])('of %s', (name, known, near) => expect(nearestNames(name, known)).toEqual(near));

  it('are at most three, the nearest first', () => {
    const known = ['column9', 'colum1', 'column1', 'column2', 'column3'];
    expect(nearestNames('column1', known)[0]).toBe('column1');
    expect(nearestNames('column1', known)).toHaveLength(3);
  });
});

describe('a suggestion', () => {
  it('proposes what is near', () => {
    expect(suggestion('tenur', ['tenure'])).toBe(' Did you mean "tenure"?');
    expect(suggestion('f1', ['f0', 'f2'])).toBe(' Did you mean "f0" or "f2"?');
  });

  it('lists what there is where nothing is near, and cuts a long list', () => {
    expect(suggestion('zzzz', ['a', 'b'], 'Columns are')).toBe(' Columns are: "a", "b".');
    const many = Array.from({ length: 30 }, (_, i) => `feature_${i}`);
    expect(suggestion('zzzz', many)).toMatch(/"feature_11", and 18 more\.$/);
  });

  it('says nothing where there is nothing', () => expect(suggestion('a', [])).toBe(''));
});
