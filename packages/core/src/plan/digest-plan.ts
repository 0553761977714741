import { digestJson } from '../text/canonical-json.js';
import type { Plan } from './plan-schema.js';

/** What decides a result: parameters do so only through the texts that they are part of. */
type Decisive = Pick<Plan, 'format' | 'inputUris' | 'scoring' | 'totals' | 'pages'> & {
  readonly job: Pick<Plan['job'], 'name'>;
};

/** The digest of a plan, computed over what is in it, whatever it says of itself. */
export function digestPlan({ format, inputUris, scoring, totals, pages, job }: Decisive): string {
  return digestJson({ format, inputUris, scoring, totals, pages, job: job.name });
}
