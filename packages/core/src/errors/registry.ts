import { definitionErrors } from './entries/definition.js';
import { expressionErrors } from './entries/expression.js';
import { inputErrors } from './entries/input.js';
import { labelErrors } from './entries/labels.js';
import { modelErrors } from './entries/model.js';
import { outputErrors } from './entries/output.js';
import { qualityErrors } from './entries/quality.js';
import { runErrors } from './entries/run.js';
import { scheduleErrors } from './entries/schedule.js';
import { tableErrors } from './entries/table.js';

export { type ErrorEntry, EXIT_CODES, type ExitName } from './entries/entry.js';

/** Every error a person can meet. `docs/errors.md` is held against this table by a test, both ways. */
export const ERRORS = {
  ...definitionErrors,
  ...inputErrors,
  ...modelErrors,
  ...expressionErrors,
  ...outputErrors,
  ...tableErrors,
  ...labelErrors,
  ...scheduleErrors,
  ...runErrors,
  ...qualityErrors,
} as const;

export type ErrorCode = keyof typeof ERRORS;
