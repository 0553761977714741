import { parseJob } from '@shardmill/core/schemas';
import { expect, it } from 'vitest';
import { comparedJob } from './compared-job.js';

it('writes plain files to the place it is given, and waits for nothing', () => {
  const output = { uri: 'o', mode: 'append', partitionBy: ['c'], columns: { c: 'c', y: 'y' } };
  const job = parseJob(
    {
      name: 'j',
      input: { uri: 'i', waitFor: { marker: 'i/_SUCCESS', timeout: '1h' } },
      model: { uri: 'm' },
      output,
    },
    'job.yaml',
  );
  const compared = comparedJob(job, '/there');
  expect(compared.output).toMatchObject({ uri: '/there', mode: 'create', columns: output.columns });
  expect(Object.keys(compared.output)).not.toContain('partitionBy');
  expect(Object.keys(compared.output)).not.toContain('table');
  expect(compared.input).not.toHaveProperty('waitFor');
});
