import { ShardmillError } from '../errors/shardmill-error.js';
import { suggestion } from '../text/nearest-name.js';
import { evaluateTemplate, type TemplateValue } from './evaluate-template.js';
import { parseTemplate } from './parse-template.js';

const TEMPLATE = /\{\{\s*([^{}]*?)\s*\}\}/g;
/** `{{ ds` or `{{ ds }`, but not `{{name: 1}: 2}`, a map of SQL. */
const UNCLOSED = /\{\{\s*[A-Za-z_]\w*(?![\w\s]*:)[^{}]*/;

export interface TemplateScope {
  readonly values: Readonly<Record<string, TemplateValue>>;
  /** In which timestamps are moved by days and written. */
  readonly zone: string;
  /** What is said of a name that could have a value and has none. */
  absent(name: string, where: string): ShardmillError | undefined;
}

/**
 * A text with each `{{ … }}` replaced.
 * @param escape is given each value before it is put in.
 * @throws TEMPLATE_INVALID, PARAMETER_UNKNOWN, PARAMETER_MISSING
 */
export function fillTemplates(
  text: string,
  scope: TemplateScope,
  where: string,
  escape: (value: string) => string,
): string {
  const unclosed = UNCLOSED.exec(text.replaceAll(TEMPLATE, ''))?.[0];
  if (unclosed !== undefined) {
    throw new ShardmillError('TEMPLATE_INVALID', `the template "${unclosed}" is not closed`, {
      where,
      remedy: 'End it with two braces, as in {{ ds }}.',
    });
  }
  return text.replaceAll(TEMPLATE, (_match, inner: string) => {
    const expression = parseTemplate(inner, where);
    const { name } = expression;
    const value = Object.hasOwn(scope.values, name) ? scope.values[name] : undefined;
    if (value !== undefined) return escape(evaluateTemplate(expression, value, scope.zone, where));
    throw (
      scope.absent(name, where) ??
      new ShardmillError(
        'PARAMETER_UNKNOWN',
        `the template {{ ${inner} }} names no parameter.${suggestion(name, Object.keys(scope.values), 'Parameters are')}`,
        { where },
      )
    );
  });
}
