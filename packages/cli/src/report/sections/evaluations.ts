import type { RunReport } from '@shardmill/client/report';
import { formatCount, formatValue } from '../../ui/text/format.js';
import { joinedText, missingText } from '../../ui/evaluation/joined-text.js';
import { measureTable } from '../../ui/evaluation/measure-table.js';
import { calibrationChart } from '../charts/calibration-chart.js';
import { histogramChart } from '../charts/histogram-chart.js';
import type { Section } from '../html/page.js';
import { html, NOTHING, type SafeHtml } from '../html/safe-html.js';

type Evaluation = NonNullable<RunReport['evaluations']>[number];
type Score = Evaluation['scores'][number];

const MAX_EVALUATIONS = 3;
/** Columns of scores that are shown of each. */
const MAX_SCORES = 6;

/** How good the scores were, by labels that came later; undefined where none was saved. */
export function evaluations({ evaluations: all = [] }: RunReport): Section | undefined {
  if (all.length === 0) return undefined;
  const more = all.length - MAX_EVALUATIONS;
  const content = html`${all.slice(0, MAX_EVALUATIONS).map(oneEvaluation)}${
    more > 0
      ? html`<p class="note">${formatCount(more)} earlier ones are stored with the run.</p>`
      : ''
  }`;
  return { id: 'evaluations', title: 'Scores against labels', content };
}

function oneEvaluation(evaluation: Evaluation, index: number): SafeHtml {
  const { labels, evaluatedAt, scores } = evaluation;
  const missing = missingText(evaluation);
  const more = scores.length - MAX_SCORES;
  return html`<h3>${labels.column}, evaluated ${evaluatedAt}</h3>
<p class="note">Labels from <code>${labels.uri}</code>, joined by ${labels.keys.join(', ')}: ${joinedText(evaluation)}. ${missing === '' ? '' : `Left out: ${missing}.`}</p>
<div class="multiples">${scores
    .slice(0, MAX_SCORES)
    .flatMap((score, at) => figuresOf(evaluation, score, `evaluation-${index}-${at}`))}</div>
${more > 0 ? html`<p class="note">${formatCount(more)} columns more are in the stored document.</p>` : ''}`;
}

function figuresOf(evaluation: Evaluation, score: Score, id: string): SafeHtml[] {
  return [
    measures(evaluation, score),
    lift(score, `${id}-lift`),
    calibration(score, `${id}-calibration`),
  ];
}

/** All measures that are one number, one below the other: a page is narrow. */
function measures({ task }: Evaluation, score: Score): SafeHtml {
  const { head, rows } = measureTable({ task, scores: [score] });
  const values = rows[0] ?? [];
  return html`<figure><figcaption>${score.column}</figcaption><table><tbody>${head
    .slice(1)
    .map(
      (name, index) =>
        html`<tr><th scope="row">${name}</th><td class="number">${values[index + 1] ?? ''}</td></tr>`,
    )}</tbody></table></figure>`;
}

function lift({ column, binary, regression }: Score, id: string): SafeHtml {
  if (binary !== undefined && binary.lift.length > 0) {
    const [first] = binary.lift;
    const best = first?.lift ?? null;
    const facts = `${percent(first?.rate ?? 0)} in the first tenth${best === null ? '' : `, a lift of ${formatValue(best)}`}`;
    return tenthsChart(
      id,
      `${column} by tenths`,
      `positives, the greatest scores first; ${facts}`,
      binary.lift.map(({ rate }) => rate),
    );
  }
  if (regression !== undefined && regression.deciles.length > 0) {
    const errors = regression.deciles.map(({ bias }) => Math.abs(bias));
    return tenthsChart(
      id,
      `${column} by tenths`,
      'size of the bias, the greatest scores first',
      errors,
    );
  }
  return NOTHING;
}

function tenthsChart(
  id: string,
  title: string,
  facts: string,
  amounts: readonly number[],
): SafeHtml {
  return html`<figure><figcaption>${title} <small>${facts}</small></figcaption>${histogramChart({
    id,
    description: `${title}: ${facts}.`,
    bars: amounts.map((amount, index) => ({ from: index, to: index + 1, amount })),
    labels: ['1st tenth', '10th'],
  })}</figure>`;
}

function calibration({ column, binary }: Score, id: string): SafeHtml {
  if (binary === undefined || binary.calibration.length === 0) return NOTHING;
  const { calibration: bins, calibrationError } = binary;
  const facts = `share of positives over the mean score; ECE ${formatValue(calibrationError ?? 0)}`;
  return html`<figure><figcaption>${column}, calibration <small>${facts}</small></figcaption>${calibrationChart(
    {
      id,
      description: `Calibration of ${column}: ${bins
        .map(({ meanScore, observed }) => `${percent(observed)} at ${formatValue(meanScore)}`)
        .join(', ')}.`,
      points: bins.map(({ meanScore, observed }) => ({ score: meanScore, observed })),
    },
  )}</figure>`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
