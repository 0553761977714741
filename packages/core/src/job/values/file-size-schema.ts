import { z } from 'zod';
import { FILE_SIZE_MESSAGE, isFileSize } from '../bounds.js';

/** `134217728` or `'128MiB'`: about how large a file of the result is to be. */
export const fileSizeSchema = z
  .union(
    [
      z.int(FILE_SIZE_MESSAGE).positive(FILE_SIZE_MESSAGE),
      z.string().regex(/^\d+(\.\d+)?\s*[KMGT]i?B$/, FILE_SIZE_MESSAGE),
    ],
    FILE_SIZE_MESSAGE,
  )
  .refine(isFileSize, FILE_SIZE_MESSAGE);
