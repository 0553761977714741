import type { ModelDescription } from '@shardmill/core';
import { formatBytes, plural } from './text/format.js';
import { shortPath } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import { shapeText } from './text/tensor-text.js';
import { type Field, fieldLines, optionalField, table } from './text/text-layout.js';

/** Class names that are listed at most. */
const MAX_CLASSES = 8;

/** What `inspect` shows of an ONNX model. */
export function modelReport(model: ModelDescription, style: Style): string {
  const { colors, cwd } = style;
  const opsets = Object.entries(model.opsets).map(
    ([domain, version]) => `${domain === '' ? 'ai.onnx' : domain} ${version}`,
  );
  const weights = model.externalData.reduce((sum, file) => sum + file.bytes, 0);
  const external = model.externalData.length;
  const fields: Field[] = [
    ['size', formatBytes(model.bytes)],
    ...optionalField(
      'weights',
      external > 0 ? `${plural(external, 'file')}, ${formatBytes(weights)}` : '',
    ),
    ['sha256', model.sha256],
    ['opset', `${opsets.join(', ')}  ${colors.dim(`IR version ${model.irVersion}`)}`],
    ...optionalField('producer', model.producer),
  ];
  const heads = (name: string): string[] => [name, 'type', 'shape'].map((head) => colors.dim(head));
  return [
    `model ${colors.bold(shortPath(model.uri, cwd))}`,
    '',
    ...fieldLines(fields, colors.dim, style.width),
    '',
    ...table([
      heads('input'),
      ...model.inputs.map((input) => [input.name, input.type, shapeText(input.shape)]),
    ]),
    '',
    ...table([
      heads('output'),
      ...model.outputs.map((output) =>
        'shape' in output
          ? [
              output.name,
              output.type,
              [shapeText(output.shape), ...classesText(model.zipMaps[output.name])].join('  '),
            ]
          : [output.name, colors.yellow('no tensor'), colors.dim('a map or sequence: not usable')],
      ),
    ]),
  ].join('\n');
}

/** Says which class each value is of, for a map that is given as a tensor. */
function classesText(classes: readonly string[] | undefined): string[] {
  if (classes === undefined) return [];
  const shown = classes.slice(0, MAX_CLASSES).map((name) => JSON.stringify(name));
  const more = classes.length - shown.length;
  return [`ZipMap; classes ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}
