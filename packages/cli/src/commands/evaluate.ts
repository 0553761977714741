import type { Services } from '@shardmill/client/services';
import type { EvaluationTask } from '@shardmill/core';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { evaluationText } from '../ui/evaluation/evaluation-text.js';

export interface EvaluateFlags {
  readonly labels: string;
  readonly key?: readonly string[] | undefined;
  readonly label?: string | undefined;
  readonly score?: readonly string[] | undefined;
  readonly task?: EvaluationTask | undefined;
  readonly positive?: string | undefined;
  readonly threshold?: number | undefined;
  readonly run?: string | undefined;
  readonly save?: boolean | undefined;
}

/** Shows how good the scores of a run are, by labels that came later. @throws LABELS_…, RUN_… */
export async function evaluate(
  reference: string,
  { key: keys, score: scores, run, save = false, ...flags }: EvaluateFlags,
  terminal: Terminal,
  services: Pick<Services, 'evaluate'>,
): Promise<Result> {
  const { labels, label, task, positive, threshold } = flags;
  const options = { labels, keys, label, scores, task, positive, threshold };
  const evaluation = await services.evaluate({
    reference,
    run,
    options,
    save,
    cwd: terminal.cwd,
  });
  return { json: () => evaluation, text: (style) => evaluationText(evaluation, style) };
}
