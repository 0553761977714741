import { defineJob } from 'shardmill';

// Score every customer of a telecom operator: how likely is this one to leave?
export default defineJob({
  // Names the run in plans, manifests and messages.
  name: 'churn',

  // One Parquet file here; a folder or a glob work the same. Paths start at this file.
  input: { uri: './customers.parquet' },

  model: {
    uri: './model.onnx',
    // Pinned: another model by the same name is refused.
    sha256: '1b0df43dca3a70dbaa1e8e5c6b104eb854b840279f0f6888d235fe9a98b39ce5',
  },

  // What each ONNX input is filled with, in SQL. The model's other 18 inputs are called like
  // columns of the file, and are matched by name.
  features: {
    // New customers have none yet; the model was trained with 0 in its place.
    total_charges: 'coalesce(total_charges, 0)',
  },

  output: {
    uri: '../../out/churn',
    // SQL over the input's columns, the model's outputs, and the columns above.
    columns: {
      customer_id: 'customer_id',
      // `probabilities` has two values per row, stays and leaves; SQL counts from 1.
      churn: 'probabilities[2]',
      band: "case when churn >= 0.7 then 'high' when churn >= 0.4 then 'medium' else 'low' end",
    },
    // Each run replaces the last one's result; without this, a second run is refused.
    mode: 'overwrite',
  },

  // Features and scores are compared with those of the data that the model was trained on: drift is a
  // warning. `shardmill profile create churn -o jobs/churn/baseline.json` made the file.
  drift: { baseline: './baseline.json' },

  // What must hold for the result to be published. One that only warns would say severity: 'warn'.
  checks: [
    { name: 'enough-customers', kind: 'rowCount', min: 1000 },
    { name: 'scores-are-probabilities', kind: 'range', column: 'churn', min: 0, max: 1 },
    { name: 'mean-is-plausible', kind: 'range', column: 'churn', of: 'mean', min: 0.05, max: 0.6 },
  ],
});
