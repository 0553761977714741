import type { BoundFeature, FileTarget, PartSize, Plan, TensorInfo } from '@shardmill/core';
import type { OutputCheck, PlannedJob, ScorerDescription } from '@shardmill/client/services';
import { formatBytes, formatCount, formatRate, plural } from './text/format.js';
import { releaseText } from './model/release-text.js';
import { shortPath } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import { type Field, fieldLines, optionalField, table, truncate } from './text/text-layout.js';
import { shapeText } from './text/tensor-text.js';

/** What `plan` prints: what would be read, what fills the model, what would be written. @param estimate see `estimateFields` */
export function planReport(
  { plan, scorer }: PlannedJob,
  output: OutputCheck,
  estimate: readonly Field[],
  style: Style,
): string {
  const { colors, cwd } = style;
  const { scoring, totals } = plan;
  const short = (location: string): string => shortPath(location, cwd);
  const params = Object.entries(plan.job.params)
    .filter(([name]) => name !== 'ds_nodash')
    .map(([name, value]) => `${name}=${value}`);
  const { used, columns, where } = scoring.input;
  const fields: Field[] = [
    ['input', plan.inputUris.map(short).join('\n')],
    ['', inputText(totals)],
    ...optionalField('where', where),
    ...optionalField('pruned', prunedText(totals)),
    ...optionalField('left out', leftOutText(totals)),
    [
      'read',
      `${formatBytes(totals.bytesToRead)} of ${formatBytes(totals.bytes)}, ${used.length} of ${plural(columns.length, 'column')}`,
    ],
    [
      'work',
      `${plural(totals.rows, 'row')} in ${plural(totals.shards, 'shard')}, ${plural(totals.parts, 'part')}`,
    ],
    ...optionalField('', plan.partSize && partSizeText(plan.partSize)),
    ['model', `${modelName(plan, short)}  ${colors.dim(modelText(scoring.model))}`],
    ['', scorerText(scorer)],
    ...optionalField('transform', scoring.transform && short(scoring.transform.module)),
    [
      'output',
      `${short(scoring.output.uri)}  ${colors.dim(`${plan.mode}, ${scoring.output.compression}`)}`,
    ],
    ...outputFields(output, style),
    ...estimate,
    ...optionalField('params', params.join('  ')),
    ...plan.notices.map((notice): Field => [colors.yellow('note'), notice]),
  ];
  return [
    `plan of ${colors.bold(plan.job.name)}  ${colors.dim('nothing has been scored')}`,
    '',
    ...fieldLines(fields, colors.dim, style.width),
    '',
    ...inputTable(scoring.features, scoring.model.inputs, style),
    '',
    ...outputTable(plan, style),
  ].join('\n');
}

/** What is there already, where it decides about the run. */
function outputFields(output: OutputCheck, { colors }: Style): Field[] {
  switch (output.state) {
    case 'free':
      return [];
    case 'unfinished':
      return [['', `run ${output.run} of this plan is unfinished there: a run goes on with it`]];
    case 'refused':
      return [
        ['', `${colors.yellow('a run is refused now:')} ${output.message}\n${output.remedy}`],
      ];
    default: {
      const unknown: never = output;
      return unknown;
    }
  }
}

/** All of it, with what is ruled out. */
function inputText({
  files,
  rows,
  prunedRows,
  leftOutRows = 0,
  rowGroups,
}: Plan['totals']): string {
  const all = plural(rows + prunedRows + leftOutRows, 'row');
  return `${plural(files, 'file')}, ${all} in ${plural(rowGroups, 'row group')}`;
}

function prunedText({ prunedRows, prunedRowGroups }: Plan['totals']): string | undefined {
  if (prunedRows === 0 && prunedRowGroups === 0) return undefined;
  const groups = plural(prunedRowGroups, 'row group');
  return `${groups} with ${plural(prunedRows, 'row')}: ruled out unread`;
}

function leftOutText({ leftOutRows = 0 }: Plan['totals']): string | undefined {
  return leftOutRows > 0 ? `${plural(leftOutRows, 'row')}: a trial` : undefined;
}

/** Why parts are as large as they are. */
function partSizeText({ rows, given, work, target, shared }: PartSize): string {
  const size = `about ${plural(rows, 'row')} a part`;
  if (given) return `${size}: plan.partRows`;
  if (target !== undefined) return `${size}: ${fileTargetText(target)}`;
  const why = shared === true ? 'so that several lanes share the work' : undefined;
  if (work === undefined) return why === undefined ? size : `${size}: ${why}`;
  const { multiplyAdds, activationBytes, basis } = work;
  const per = `${formatRate(multiplyAdds)} multiply-adds, ${formatBytes(activationBytes)} of activations a row`;
  return `${size}: ${why ?? 'at most a minute of work for one lane'}, about ${per} (by its ${basis})`;
}

/** How many rows fill a file, and what keeps files smaller. */
function fileTargetText({ fileBytes, bytesPerRow, measured, cappedBy }: FileTarget): string {
  const basis = measured > 0 ? `${plural(measured, 'column')} as in the input, ` : '';
  const estimate = `at about ${bytesPerRow.toPrecision(2)} bytes a row (${basis}others by type)`;
  const size = formatBytes(fileBytes);
  switch (cappedBy) {
    case undefined:
      return `files of ${size} ${estimate}`;
    case 'work':
      return `fewer than fill ${size} ${estimate}, since more take one lane over ten minutes`;
    case 'rows':
      return `fewer than fill ${size} ${estimate}, since a part has no more`;
    default: {
      const unknown: never = cappedBy;
      return unknown;
    }
  }
}

/** Where it lies; of the registry, which version it is. */
function modelName({ scoring, release }: Plan, short: (uri: string) => string): string {
  return release === undefined ? short(scoring.model.uri) : releaseText(release);
}

function modelText({ bytes, sha256, externalData, rowsPerCall }: Plan['scoring']['model']): string {
  const weights =
    externalData.length > 0 ? `, ${plural(externalData.length, 'file')} of weights` : '';
  return `${formatBytes(bytes)}, sha256 ${sha256.slice(0, 12)}…${weights}${callsText(rowsPerCall)}`;
}

/** What would compute the scores on processors. */
function scorerText({ scoredBy, why }: ScorerDescription): string {
  const trees = scoredBy.includes('treeKernel');
  if (scoredBy.includes('textTables')) {
    const rest = trees ? 'its trees by the tree kernel' : 'the rest by ONNX Runtime';
    return `its texts are encoded once each, ${rest}`;
  }
  if (trees) return 'its trees are scored by the tree kernel';
  return `scored by ONNX Runtime${why === undefined ? '' : `: ${why}`}`;
}

/** Says how many rows a call has, for a model whose rows depend on each other. */
export function callsText(rowsPerCall: number | undefined): string {
  return rowsPerCall === undefined ? '' : `, calls of ${plural(rowsPerCall, 'row')}`;
}

function inputTable(
  features: readonly BoundFeature[],
  inputs: readonly TensorInfo[],
  style: Style,
): string[] {
  const { dim } = style.colors;
  const shapes = new Map(inputs.map((input) => [input.name, shapeText(input.shape)]));
  const rows = features.map((feature) => [
    feature.input,
    feature.type,
    shapes.get(feature.input) ?? `[N, ${feature.width}]`,
    sourceText(feature),
  ]);
  return withHeads(['model input', 'type', 'shape', 'from'], rows, style.width, dim);
}

/** `tenure, monthly_charges, … 28 more`, as the job says it rather than as it is cast. */
function sourceText({ columns, tokens }: BoundFeature): string {
  if (tokens !== undefined && tokens !== 'ids') return `${tokens} of the tokens`;
  const shown = columns.slice(0, 6).map((column) => column.label);
  const more = columns.length - shown.length;
  const text = shown.join(', ');
  if (tokens === 'ids') return `tokens of ${text}`;
  return text + (more > 0 ? `, … ${formatCount(more)} more` : '');
}

function outputTable(plan: Plan, style: Style): string[] {
  const rows = plan.scoring.output.columns.map(({ name, type, sql }) => [name, type, sql]);
  return withHeads(['output column', 'type', 'from'], rows, style.width, style.colors.dim);
}

/** A table whose last column is cut to the width. */
function withHeads(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  dim: (text: string) => string,
): string[] {
  const fixed = heads
    .slice(0, -1)
    .map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const room = Math.max(24, width - 2 - fixed.reduce((sum, w) => sum + w + 2, 0));
  const cut = rows.map((row) =>
    row.map((cell, i) => (i === heads.length - 1 ? truncate(cell, room) : cell)),
  );
  return table([heads.map((head) => dim(head)), ...cut]);
}
