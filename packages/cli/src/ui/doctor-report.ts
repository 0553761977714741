import type { Finding } from '../doctor/finding.js';
import { plural } from './text/format.js';
import { shortenPaths } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import { wrapText } from './text/text-layout.js';

/** What `doctor` prints: a sign and a paragraph for each thing, and what to fix. */
export function doctorReport(findings: readonly Finding[], style: Style): string {
  const { colors, width, cwd } = style;
  const label = Math.max(...findings.map(({ what }) => what.length));
  const indent = label + 4;
  const lines = findings.flatMap(({ what, state, found, remedy }) => {
    const text = wrapText(shortenPaths(found, cwd), width, indent);
    const line = `${signOf(state, colors)} ${what.padEnd(label)}  ${text}`;
    if (remedy === undefined) return [line];
    const advice = wrapText(remedy, width, indent + 4);
    return [line, `${' '.repeat(indent)}${colors.dim('do')}  ${advice}`];
  });
  const failed = findings.filter(({ state }) => state === 'fail').length;
  const warned = findings.filter(({ state }) => state === 'warn').length;
  const end =
    failed > 0
      ? colors.red(`${plural(failed, 'thing has', 'things have')} to be fixed.`)
      : warned > 0
        ? colors.yellow(`It works; ${plural(warned, 'thing')} could be better.`)
        : colors.green('All is well.');
  return [...lines, '', end].join('\n');
}

function signOf(state: Finding['state'], colors: Style['colors']): string {
  switch (state) {
    case 'ok':
      return colors.green('✓');
    case 'warn':
      return colors.yellow('!');
    case 'fail':
      return colors.red('✗');
    default: {
      const unknown: never = state;
      return unknown;
    }
  }
}
