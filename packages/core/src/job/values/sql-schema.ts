import { z } from 'zod';

export const sql = z
  .string()
  .trim()
  .min(1)
  .describe('An SQL expression over the columns of one row.');
