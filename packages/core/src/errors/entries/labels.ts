import { type ErrorEntry, usage } from './entry.js';

/** Labels that scores are evaluated with. */
export const labelErrors = {
  LABELS_COLUMN: usage(
    'A column that an evaluation needs is missing, could be several, or has a type that it cannot use.',
    'Name a column of the file: --key, --label or --score.',
  ),
  LABELS_KEY: usage(
    'The rows of the result and those of the labels cannot be joined one to one.',
    'Give columns that identify each row, and that both have: --key, which may be repeated.',
  ),
  LABELS_VALUE: usage(
    'The values of the labels cannot be what the scores are for.',
    'Say which label stands for yes: --positive VALUE. Or say what the labels are: --task regression, or --task classes.',
  ),
} as const satisfies Record<string, ErrorEntry>;
