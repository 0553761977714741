import { defineJob } from 'shardmill';

// Names the shape in each picture: circle, square or triangle.
export default defineJob({
  name: 'images',

  // A column `photo` with the bytes of JPEG, PNG and WebP files.
  input: { uri: './photos.parquet' },
  model: { uri: './model.onnx' },

  features: {
    // float32 [N, 3, 32, 32]: `shardmill docs images` has the formula, and all options.
    pixel_values: {
      image: 'photo',
      resize: 36, // the shorter edge
      crop: 32, // the centre
      mean: 0.5,
      std: 0.5,
    },
  },

  output: {
    uri: '../../out/images',
    columns: {
      id: 'id',
      drawn: 'drawn',
      confidence: 'list_max(probabilities)',
      named: "(['circle', 'square', 'triangle'])[list_position(probabilities, confidence)]",
    },
    mode: 'overwrite',
  },

  // One upload broke off, and one row has no photo: they are kept with their reasons.
  errors: { maxRejectedRows: 2 },
});
