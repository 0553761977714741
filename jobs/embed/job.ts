import { defineJob } from 'shardmill';

// Turn the text of every support ticket into a vector, by which similar tickets are found.
export default defineJob({
  name: 'embed',

  input: { uri: './tickets.parquet' },

  // A tiny encoder that make.mjs wrote: it shows the job, and knows nothing of language. README.md
  // beside this file says how to run all-MiniLM-L6-v2 instead.
  model: { uri: './model.onnx' },

  features: {
    // The ids of the tokens; the mask that the model also takes is made with them.
    input_ids: { tokenize: 'body', tokenizer: './tokenizer.json', maxLength: 32 },
  },

  output: {
    uri: '../../out/embed',
    columns: {
      ticket_id: 'ticket_id',
      // The model gives a vector for each token: this is their mean, with the length 1.
      embedding: 'l2_normalize(mean_pool(last_hidden_state))',
    },
    mode: 'overwrite',
  },
});
