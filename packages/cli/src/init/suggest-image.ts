import { type TensorInfo, UNDECIDED } from '@shardmill/core';
import { shapeText } from '../ui/text/tensor-text.js';
import type { KnownColumn } from './known-column.js';
import type { Entry } from './outline.js';
import { sqlName } from './sql-name.js';
import type { InputSuggestion } from './suggest-packed.js';

/** What most networks for images were trained with, where the model leaves it open. */
const USUAL_PIXELS = 224;

/** Bytes in a column of their own, or in the struct that Hugging Face's datasets have. */
function imageSql({ name, type }: KnownColumn): string | undefined {
  if (type === 'BLOB') return sqlName(name);
  return /^STRUCT\(.*\bbytes"? BLOB/.test(type) ? `${sqlName(name)}.bytes` : undefined;
}

/** Whether an input has the rank and the type of images, and a column may hold them. */
export function mayTakeImages({ shape, type }: TensorInfo, free: readonly KnownColumn[]): boolean {
  const isImage = shape.length === 4 && /^(float32|float16|uint8)$/.test(type);
  return isImage && free.some((column) => imageSql(column) !== undefined);
}

/** For an input [N, C, H, W] or [N, H, W, C]: the one column of bytes. */
export function suggestImage(input: TensorInfo, free: readonly KnownColumn[]): InputSuggestion {
  const candidates = free.flatMap((column) => {
    const sql = imageSql(column);
    return sql === undefined ? [] : [{ column, sql }];
  });
  const [first] = candidates;
  const several = candidates.length > 1;
  const problem = `${input.name} takes images: of ${candidates.map(({ sql }) => sql).join(', ')}`;
  const last = isChannels(input.shape[3]) && !isChannels(input.shape[1]);
  const [height, width] = last ? input.shape.slice(1, 3) : input.shape.slice(2, 4);
  const channels = last ? input.shape[3] : input.shape[1];
  const inner: Entry[] = [
    { key: 'image', value: several ? `${UNDECIDED} ${problem}` : (first?.sql ?? '') },
    ...sizeEntries(height, width),
    ...(last ? [{ key: 'layout', value: 'NHWC' }] : []),
    ...(channels === 1 ? [{ key: 'channels', value: 'L' }] : []),
    ...(input.type === 'uint8'
      ? []
      : [
          {
            key: 'mean',
            value: channels === 1 ? 0.5 : [0.485, 0.456, 0.406],
            off: true,
            comment: 'Where the model was trained with normalized pixels: image_mean, image_std.',
          },
          { key: 'std', value: channels === 1 ? 0.5 : [0.229, 0.224, 0.225], off: true },
        ]),
  ];
  return {
    entry: {
      key: input.name,
      value: { inner },
      comment: `${input.type} ${shapeText(input.shape)}: CHECK against the model's preprocessor_config.json: size, crop_size, image_mean, image_std`,
    },
    used: several || first === undefined ? [] : [first.column],
    undecided: several ? [problem] : [],
  };
}

const isChannels = (dimension: number | string | undefined): boolean =>
  dimension === 1 || dimension === 3;

/** The shorter edge and the centre for a square, both edges for another size. */
function sizeEntries(
  height: number | string | undefined,
  width: number | string | undefined,
): Entry[] {
  const pixels = (dimension: number | string | undefined): number =>
    typeof dimension === 'number' && dimension > 0 ? dimension : USUAL_PIXELS;
  const [rows, columns] = [pixels(height), pixels(width)];
  if (rows !== columns) return [{ key: 'resize', value: [rows, columns] }];
  return [
    { key: 'resize', value: rows, comment: 'The shorter edge; [height, width] for both.' },
    { key: 'crop', value: rows, comment: 'The centre.' },
  ];
}
