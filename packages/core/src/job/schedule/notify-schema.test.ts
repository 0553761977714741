import { describe, expect, it } from 'vitest';
import { parseJob } from '../parse-job.js';

const MINIMAL = {
  name: 'churn',
  input: { uri: 'data' },
  model: { uri: 'm.onnx' },
  output: { uri: 'out', columns: { score: 'score' } },
};
const parse = (notify: unknown) => parseJob({ ...MINIMAL, notify }, 'job.yaml');

describe('receivers of notifications', () => {
  it('are notified of failed and late runs, as JSON, by default', () => {
    expect(parse([{ url: 'https://example.com/hook' }]).notify).toEqual([
      { url: 'https://example.com/hook', on: ['failed', 'late'], format: 'json' },
    ]);
  });

  it.each([
    [[{}], 'notify.0: expected either url or urlEnv'],
    [[{ url: 'https://a.b/', urlEnv: 'NOTIFY_X' }], 'notify.0: expected either url or urlEnv'],
    [[{ url: 'https://a.b/', on: [] }], 'notify.0.on: '],
    [[{ url: 'https://a.b/', secret: 'x' }], 'unknown key "notify.0.secret".'],
    [[{ url: 'https://a.b/', format: 'teams' }], 'notify.0.format: '],
    [{ url: 'https://a.b/' }, 'notify: '],
    [
      Array.from({ length: 17 }, () => ({ url: 'https://a.b/' })),
      'notify: expected at most 16 receivers',
    ],
  ])('%o is refused with its place', (notify, message) => {
    expect(() => parse(notify)).toThrow(
      expect.objectContaining({ code: 'JOB_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    { url: 'ftp://planted.example.com' },
    { url: 'planted' },
    { url: 'https://user:planted@example.com/' },
    { url: 'https://example.com/', secretEnv: 'planted' },
    { urlEnv: 'https://planted.example.com/' },
    { urlEnv: 'AWS_SECRET_ACCESS_KEY' },
  ])('%o is refused without a word of what was found, which may be a secret', (receiver) => {
    let message = '';
    try {
      parse([receiver]);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/notify\.0\.\w+: expected/);
    expect(message).not.toMatch(/planted|AWS_SECRET/);
  });
});
