// Makes model.onnx, tokenizer.json and tickets.parquet of this folder, the same bytes each time. The workspace must be
// built; nothing else is needed.
//
//   node jobs/embed/make.mjs [FOLDER]
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRandom, encoder, wordPieceTokenizer } from '../../test/kit/dist/index.js';
import { writeParquet } from '../../test/kit/dist/parquet.js';

const folder = path.resolve(process.argv[2] ?? import.meta.dirname);
const SENTENCES = [
  'the parcel is late',
  'my parcel came broken',
  'where is my refund',
  'the refund is late again',
  'great service thank you',
  'thank you for the quick answer',
  'nobody answers the phone',
  'please call me back',
  'I want to return the shoes',
  'the shoes are too small',
  'how do I change my address',
  'the address on the parcel is wrong',
];
const TICKETS = 240;

const words = [...new Set(SENTENCES.flatMap((text) => text.toLowerCase().split(' ')))].toSorted();
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789.,!?'.split('');
const pieces = [
  ...words,
  ...letters.filter((one) => !words.includes(one)),
  ...letters.map((one) => `##${one}`),
];
const random = createRandom(3);
const tickets = Array.from({ length: TICKETS }, (_, id) => {
  const count = 1 + Math.floor(random.uniform() ** 2 * 8);
  const sentences = Array.from(
    { length: count },
    () => SENTENCES[random.integer(SENTENCES.length)],
  );
  return `(${id + 1}, '${sentences.join('. ')}.')`;
});

mkdirSync(folder, { recursive: true });
const model = encoder({
  vocabulary: 4 + pieces.length,
  width: 16,
  heads: 2,
  layers: 1,
  seed: 5,
  hiddenState: true,
});
writeFileSync(path.join(folder, 'model.onnx'), model);
writeFileSync(path.join(folder, 'tokenizer.json'), `${wordPieceTokenizer(pieces)}\n`);
await writeParquet(
  path.join(folder, 'tickets.parquet'),
  `SELECT * FROM (VALUES ${tickets.join(', ')}) AS t(ticket_id, body)`,
);
