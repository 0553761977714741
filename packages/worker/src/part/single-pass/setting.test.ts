import { describe, expect, it } from 'vitest';
import { singlePassSetting } from './setting.js';

describe('SHARDMILL_SINGLE_PASS', () => {
  it.each([
    [undefined, 'auto'],
    ['', 'auto'],
    ['auto', 'auto'],
    ['never', 'never'],
    ['always', 'always'],
  ])('%j means %s', (value, setting) => {
    expect(singlePassSetting({ SHARDMILL_SINGLE_PASS: value })).toBe(setting);
  });

  it('refuses another value, with what it may be', () => {
    expect(() => singlePassSetting({ SHARDMILL_SINGLE_PASS: 'no' })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: 'SHARDMILL_SINGLE_PASS is "no", expected auto, never, always',
      }),
    );
  });
});
