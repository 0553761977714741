import type { EvaluationDocument } from '@shardmill/client/document-schemas';
import { formatCount, formatValue, plural } from '../text/format.js';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { type Field, fieldLines, optionalField, table } from '../text/text-layout.js';
import { joinedText, missingText } from './joined-text.js';
import { measureTable } from './measure-table.js';

/** Columns of scores whose tenths and bins are shown beside each other; the others are in `--json`. */
const MAX_BESIDE = 3;

/** What `evaluate` prints: all scores in one table, and the tenths of the first ones side by side. */
export function evaluationText(evaluation: EvaluationDocument, style: Style): string {
  const { colors, width, cwd } = style;
  const { job, runId, labels, scores, saved } = evaluation;
  const fields: Field[] = [
    ['labels', `${labels.column} of ${shortPath(labels.uri, cwd)}, by ${labels.keys.join(', ')}`],
    ['joined', joinedText(evaluation)],
    ...optionalField('left out', missingText(evaluation)),
    ...optionalField('saved', saved === undefined ? undefined : shortPath(saved, cwd)),
  ];
  const measures = measureTable(evaluation);
  const shown = scores.slice(0, MAX_BESIDE);
  const more = scores.length - shown.length;
  return [
    `${colors.bold(job.name)}  ${colors.dim(runId)}`,
    '',
    ...fieldLines(fields, colors.dim, width),
    '',
    ...table(
      [measures.head.map((head) => colors.dim(head)), ...measures.rows],
      ['left', ...measures.head.slice(1).map(() => 'right' as const)],
    ),
    ...beside(tenthsOf(shown), colors.dim),
    ...beside(calibrationOf(shown), colors.dim),
    ...classLines(shown, colors.dim),
    ...(more > 0 ? ['', colors.dim(`  ${plural(more, 'column')} more with --json`)] : []),
  ].join('\n');
}

type Score = EvaluationDocument['scores'][number];

interface Beside {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function beside({ title, head, rows }: Beside, dim: (text: string) => string): string[] {
  if (rows.length === 0) return [];
  const align = head.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)));
  return ['', `  ${title}`, '', ...table([head.map((cell) => dim(cell)), ...rows], align)];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

const DECILES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

function tenthsOf(scores: readonly Score[]): Beside {
  const lift = scores.flatMap(({ column, binary }) =>
    binary === undefined || binary.lift.length === 0 ? [] : [{ column, tenths: binary.lift }],
  );
  if (lift.length > 0) {
    return {
      title: 'Positives by tenths of the rows, the greatest scores first',
      head: ['tenth', ...lift.flatMap(({ column }) => [column, 'lift', 'captured'])],
      rows: DECILES.map((decile, i) => [
        String(decile),
        ...lift.flatMap(({ tenths }) => {
          const tenth = tenths[i];
          if (tenth === undefined) return ['', '', ''];
          return [
            percent(tenth.rate),
            tenth.lift === null ? '–' : tenth.lift.toFixed(2),
            tenth.captured === null ? '–' : percent(tenth.captured),
          ];
        }),
      ]),
    };
  }
  const bias = scores.flatMap(({ column, regression }) =>
    regression === undefined || regression.deciles.length === 0
      ? []
      : [{ column, tenths: regression.deciles }],
  );
  return {
    title: 'Means by tenths of the rows, the greatest scores first',
    head: ['tenth', ...bias.flatMap(({ column }) => [column, 'label', 'bias'])],
    rows:
      bias.length === 0
        ? []
        : DECILES.map((decile, i) => [
            String(decile),
            ...bias.flatMap(({ tenths }) => {
              const tenth = tenths[i];
              return tenth === undefined
                ? ['', '', '']
                : [tenth.meanScore, tenth.meanLabel, tenth.bias].map(formatValue);
            }),
          ]),
  };
}

function calibrationOf(scores: readonly Score[]): Beside {
  const calibrated = scores.flatMap(({ column, binary }) =>
    binary === undefined || binary.calibration.length === 0
      ? []
      : [{ column, bins: binary.calibration }],
  );
  const edges = [...new Set(calibrated.flatMap(({ bins }) => bins.map(({ from }) => from)))];
  return {
    title: 'Calibration: the mean score, and the share of positives',
    head: ['score', ...calibrated.flatMap(({ column }) => [column, 'observed', 'rows'])],
    rows: edges
      .toSorted((a, b) => a - b)
      .map((edge) => [
        `${edge.toFixed(1)}–${(edge + 0.1).toFixed(1)}`,
        ...calibrated.flatMap(({ bins }) => {
          const bin = bins.find(({ from }) => from === edge);
          return bin === undefined
            ? ['', '', '']
            : [percent(bin.meanScore), percent(bin.observed), formatCount(bin.rows)];
        }),
      ]),
  };
}

const MAX_CLASSES = 20;

function classLines(scores: readonly Score[], dim: (text: string) => string): string[] {
  return scores.flatMap(({ column, classes }) => {
    if (classes === undefined) return [];
    const share = (value: number | null): string => (value === null ? '–' : percent(value));
    return beside(
      {
        title: `Classes of ${column}`,
        head: ['class', 'rows', 'predicted', 'precision', 'recall', 'F1'],
        rows: classes.classes
          .slice(0, MAX_CLASSES)
          .map(({ class: name, rows, predicted, precision, recall, f1 }) => [
            name,
            formatCount(rows),
            formatCount(predicted),
            share(precision),
            share(recall),
            formatValue(f1),
          ]),
      },
      dim,
    );
  });
}
