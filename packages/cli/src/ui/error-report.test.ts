import { ShardmillError } from '@shardmill/core';
import { expect, it } from 'vitest';
import { captureTerminal, PLAIN } from '../testing/samples.js';
import { errorDocument, renderError, reportError } from './error-report.js';

const error = new ShardmillError(
  'COLUMN_NOT_FOUND',
  'the input has no column "tenur". Did you mean "tenure"?',
  {
    where: 'features.numeric[0] in /data/jobs/churn/job.ts',
    remedy: 'Use one of the columns customer_id, gender, senior_citizen, tenure, monthly_charges.',
  },
);

it('has the code, the message, the place and what to do, wrapped', () => {
  expect(renderError(error, { ...PLAIN, width: 70 })).toBe(
    [
      'error COLUMN_NOT_FOUND  the input has no column "tenur". Did you mean',
      '         "tenure"?',
      '  where  features.numeric[0] in jobs/churn/job.ts',
      '  do     Use one of the columns customer_id, gender, senior_citizen,',
      '         tenure, monthly_charges.',
    ].join('\n'),
  );
});

it('keeps every fault of a definition on its own line', () => {
  const faults = new ShardmillError('JOB_INVALID', 'first fault\nsecond fault', { where: 'x' });
  expect(renderError(faults, PLAIN).split('\n').slice(0, 2)).toEqual([
    'error JOB_INVALID  first fault',
    '         second fault',
  ]);
});

it('an interruption is no error', () => {
  const stopped = new ShardmillError('INTERRUPTED', 'after 10 of 100 rows');
  expect(renderError(stopped, PLAIN)).toMatch(/^interrupted {2}after 10 of 100 rows\n {2}do /);
});

it('the document has the same, and the exit code', () => {
  expect(errorDocument(error)).toEqual({
    schemaVersion: 1,
    error: {
      code: 'COLUMN_NOT_FOUND',
      message: error.message,
      where: error.where,
      remedy: error.remedy,
      exitCode: 2,
    },
  });
});

it('what has no code is INTERNAL, with its stack', () => {
  const terminal = captureTerminal('/data');
  expect(reportError(new TypeError('x is undefined'), false, terminal)).toBe(1);
  expect(terminal.stderr()).toContain('error INTERNAL  x is undefined');
  expect(terminal.stderr()).toContain('error-report.test.ts');
});
