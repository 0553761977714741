import type { Entry } from './outline.js';

/** What is known of the job to be: examples, or what was found in the user's own files. */
export interface OutlineFacts {
  readonly name: string;
  readonly inputUri: string;
  readonly modelUri: string;
  readonly sha256: string | undefined;
  readonly features: readonly Entry[];
  /** What is proposed for rows with nulls, if it is not the default. */
  readonly nulls: Entry | undefined;
  readonly outputColumns: readonly Entry[];
  readonly outputUri: string;
}

/** Stand-ins that show what the options look like. */
export const exampleFacts = (name: string): OutlineFacts => ({
  name,
  inputUri: './input/',
  modelUri: './model.onnx',
  sha256: undefined,
  nulls: undefined,
  features: [
    {
      key: 'amount',
      value: 'coalesce(amount, 0)',
      comment: 'one expression for an [N] or [N, 1] input',
    },
    {
      key: 'numbers',
      value: ['age', 'income', 'ln(1 + visits)'],
      comment: 'several for a packed [N, 3] input',
      off: true,
    },
    {
      key: 'embedding',
      value: 'embedding',
      comment: 'a list column for an [N, D] input',
      off: true,
    },
  ],
  outputColumns: [
    { key: 'id', value: 'id', comment: 'a column of the input, unchanged' },
    {
      key: 'score',
      value: 'probabilities[2]',
      comment: 'the second value of the model output `probabilities`',
    },
    {
      key: 'band',
      value: "case when score >= 0.5 then 'high' else 'low' end",
      comment: 'columns above can be used',
      off: true,
    },
  ],
  outputUri: './out/',
});

/** Every option of a job, with what it is for; those at their defaults are commented out. */
export function jobOutline(facts: OutlineFacts): Entry[] {
  return [
    {
      key: 'name',
      value: facts.name,
      comment: 'Lower-case letters, digits, - and _. Names the runs of this job.',
    },
    {
      key: 'params',
      gap: true,
      off: true,
      comment:
        'Values given with --param NAME=VALUE and used as {{ NAME }} in locations and SQL.\n`ds`, the date (YYYY-MM-DD, today by default), is always there.',
      value: {
        inner: [
          {
            key: 'country',
            value: {
              inner: [
                { key: 'type', value: 'string' },
                { key: 'default', value: 'AE' },
              ],
            },
          },
        ],
      },
    },
    {
      key: 'input',
      gap: true,
      value: {
        inner: [
          {
            key: 'uri',
            value: facts.inputUri,
            comment:
              'A Parquet file, a folder, or a glob such as ./data/ds={{ ds }}/*.parquet.\nRelative paths start at this file.',
          },
          {
            key: 'where',
            value: "status = 'active'",
            comment: 'SQL; rows for which it is not true are not scored.',
            off: true,
          },
          {
            key: 'missingColumns',
            value: 'fail',
            comment: "'null' where some files lack a column that others have.",
            off: true,
          },
        ],
      },
    },
    {
      key: 'model',
      gap: true,
      value: {
        inner: [
          { key: 'uri', value: facts.modelUri },
          {
            key: 'sha256',
            value: facts.sha256 ?? '0'.repeat(64),
            comment: 'Refuses any other model. `shardmill inspect model.onnx` prints it.',
            off: facts.sha256 === undefined,
          },
        ],
      },
    },
    {
      key: 'features',
      gap: true,
      comment:
        'What fills each input of the model: SQL over the columns of one row.\nInputs left out take the column of their name.',
      value: { inner: facts.features },
    },
    facts.nulls ?? {
      key: 'nulls',
      gap: true,
      value: 'reject',
      comment: "A row with a null feature: 'reject' it, give 'nan' to the model, or 'fail'.",
      off: true,
    },
    {
      key: 'output',
      gap: true,
      value: {
        inner: [
          { key: 'uri', value: facts.outputUri, comment: 'A folder of its own.' },
          {
            key: 'columns',
            value: { inner: facts.outputColumns },
            comment: 'SQL over input columns, model outputs and the columns above.',
          },
          {
            key: 'passThrough',
            value: ['id'],
            comment: "Input columns to hand on unchanged; '*' for all.",
            off: true,
          },
          {
            key: 'mode',
            value: 'create',
            comment: "'create' refuses a folder with results; or 'overwrite', or 'append'.",
            off: true,
          },
        ],
      },
    },
    {
      key: 'errors',
      gap: true,
      off: true,
      comment:
        'Rows that cannot be scored are kept with the reason; more than this many fail the run.\nA count, or a percentage such as 0.1%.',
      value: { inner: [{ key: 'maxRejectedRows', value: 0 }] },
    },
    {
      key: 'resources',
      gap: true,
      off: true,
      comment: 'Chosen for the machine where left out.',
      value: {
        inner: [
          { key: 'batchRows', value: 8192 },
          { key: 'lanes', value: 2 },
          { key: 'threadsPerLane', value: 1 },
          { key: 'memoryLimit', value: '80%' },
        ],
      },
    },
  ];
}
