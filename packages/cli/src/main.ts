import { Console } from 'node:console';
import type { SettingSources } from '@shardmill/client/load-settings';
import type { Result } from './result.js';
import type { LoadServices, Services } from '@shardmill/client/services';
import { processTerminal, type Terminal } from './terminal.js';

/** Runs the command line and ends the process with its exit code (see `EXIT_CODES` in core). */
export async function main(argv: readonly string[]): Promise<void> {
  // A job file may log: standard output belongs to the result.
  globalThis.console = new Console(process.stderr, process.stderr);
  // `shardmill plan … | head` is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  if (needsEngine(argv)) (await import('@shardmill/worker/fork-engine')).forkEngineAhead();
  const terminal = processTerminal(argv);
  // What was thrown without a caller that awaits it is reported in the same form.
  process.once('uncaughtException', (thrown) => {
    void import('./ui/error-report.js').then(({ reportError }) =>
      process.exit(reportError(thrown, wantsJson(argv), terminal)),
    );
  });
  const exitCode = await runCommandLine(argv.slice(2), terminal);
  process.stdout.write('', () => process.exit(exitCode));
}

/** Commands that wait for an engine: it starts while they are read. */
function needsEngine([, , command = '', ...options]: readonly string[]): boolean {
  return ['run', 'plan'].includes(command) && !options.some((o) => o === '--help' || o === '-h');
}

/**
 * Runs one command and prints its result: one JSON document with `--json`, else text.
 * @param args what follows the program's name.
 * @returns the exit code.
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  loadServices: LoadServices = loadRealServices,
): Promise<number> {
  const json = wantsJson(args);
  try {
    const { parseCommandLine } = await import('./program.js');
    const result = await parseCommandLine(args, terminal, loadServices);
    printResult(result, json, terminal);
    return result.exitCode ?? 0;
  } catch (thrown) {
    const { reportError } = await import('./ui/error-report.js');
    return reportError(thrown, json, terminal);
  }
}

/** The settings first: what is loaded after them is made from them. */
async function loadRealServices(sources: SettingSources): Promise<Services> {
  const [{ loadSettings }, { createServices }] = await Promise.all([
    import('@shardmill/client/load-settings'),
    import('@shardmill/client/services'),
  ]);
  return createServices(await loadSettings(sources));
}

function printResult(result: Result, json: boolean, terminal: Terminal): void {
  const text = json && result.json ? jsonText(result.json()) : result.text(terminal.outStyle);
  if (text !== '') terminal.out(text.endsWith('\n') ? text : `${text}\n`);
}

/** Whether `--json` is anywhere before a `--`, so that usage errors are JSON, too. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

function jsonText(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item),
    2,
  );
}
