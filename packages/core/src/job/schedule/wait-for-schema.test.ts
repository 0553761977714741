import { describe, expect, it } from 'vitest';
import { applyParameters } from '../parameters/apply-parameters.js';
import { parseJob } from '../parse-job.js';

const MINIMAL = {
  name: 'churn',
  model: { uri: 'm.onnx' },
  output: { uri: 'out', columns: { score: 'score' } },
};
const parse = (waitFor: unknown) =>
  parseJob({ ...MINIMAL, input: { uri: 'data', waitFor } }, 'job.yaml');

describe('what a job waits for', () => {
  it('has a poll interval, a timeout and an end by default', () => {
    expect(parse({ marker: '_SUCCESS' }).input.waitFor).toEqual({
      marker: '_SUCCESS',
      every: '30s',
      timeout: '6h',
      onTimeout: 'fail',
    });
  });

  it.each([
    [{}, 'input.waitFor: expected at least one of marker, files, rows and unchangedFor'],
    [{ every: '1m' }, 'expected at least one of marker, files, rows and unchangedFor'],
    [{ marker: '' }, 'input.waitFor.marker: expected a name such as "_SUCCESS"'],
    [{ marker: '../_SUCCESS' }, 'input.waitFor.marker: expected a name'],
    [{ marker: 'done/' }, 'input.waitFor.marker: expected a name'],
    [{ files: 1, every: '10ms' }, 'input.waitFor.every: expected a time from "1s"'],
    [{ files: 1, onTimeout: 'wait' }, 'input.waitFor.onTimeout: '],
    [{ file: 1 }, 'unknown key "input.waitFor.file". Did you mean "files"?'],
    [
      { unchangedFor: '2h', timeout: '1h' },
      'input.waitFor.unchangedFor: expected less than waitFor.timeout, or it could never hold in time; found "2h"',
    ],
    [{ unchangedFor: 'soon', timeout: '1h' }, 'input.waitFor.unchangedFor: expected a time'],
  ])('%o is refused with its place and what was expected', (waitFor, message) => {
    expect(() => parse(waitFor)).toThrow(
      expect.objectContaining({ code: 'JOB_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('may have a template in the name of the marker', () => {
    const job = parse({ marker: 's3://lake/done/{{ ds }}', files: 2 });
    expect(applyParameters(job, { ds: '2026-11-22' }).input.waitFor).toMatchObject({
      marker: 's3://lake/done/2026-11-22',
      files: 2,
    });
  });
});
