import { type ChildProcess, fork } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { filteredEnvironment, ownEnvironment } from './engine-environment.js';

/**
 * The engine collects garbage itself, where it is produced (`chunk-stream.ts`), and
 * on one thread: the collector's helpers take a fifth of two cores from scanning.
 */
const ENGINE_FLAGS = ['--expose-gc', '--single-threaded-gc', ...compileLater()];

/**
 * Functions are compiled to the end once they have run for long: the loops over rows are in WebAssembly and in native
 * code, and compiling others takes longer than it saves. The default is 66 KiB of bytecode, three times. Node 22 and later
 * have a compiler in between, and no such flag any more.
 */
function compileLater(): string[] {
  return process.versions.node.startsWith('20.') ? [`--interrupt-budget=${2 ** 20}`] : [];
}

/**
 * Each lane that writes a part holds one of Node's pool of threads for as long as the query takes;
 * there are four of them by default.
 *
 * For glibc: few arenas, so that threads do not hold memory for themselves, and column-sized blocks
 * kept instead of given back and faulted in again with every chunk.
 */
const ENGINE_ENVIRONMENT = {
  UV_THREADPOOL_SIZE: String(Math.max(16, 2 * os.availableParallelism())),
  // Tokens are made beside the lanes, which have the cores.
  TOKENIZERS_PARALLELISM: 'false',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(64 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(256 * 2 ** 20),
};

let ahead: ChildProcess | undefined;

/**
 * Starts a process for the next engine that is wanted, before its options are known. Of this
 * package, nothing but this file need be loaded for it. It ends with this process.
 */
export function forkEngineAhead(): void {
  ahead ??= forkEngine();
  // `takeForkedEngine` checks for an end; without a listener, an error would end this process.
  ahead.on('error', () => {});
}

/**
 * A process that waits for its options, as its first message.
 * @param environment names beside those that are needed, for an engine of a fleet; where left out,
 *   it gets the environment of this process, without the fleet's secrets.
 */
export function takeForkedEngine(environment?: readonly string[]): ChildProcess {
  if (environment !== undefined) return forkEngine(filteredEnvironment(process.env, environment));
  const child = ahead;
  ahead = undefined;
  // The process may have ended since it was started.
  return child?.connected === true ? child : forkEngine();
}

function forkEngine(environment = ownEnvironment(process.env)): ChildProcess {
  return fork(fileURLToPath(new URL('../engine/main.js', import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: ENGINE_FLAGS,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...ENGINE_ENVIRONMENT, ...environment },
  });
}
