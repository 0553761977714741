type Environment = Readonly<Record<string, string | undefined>>;

/** What Node, DuckDB, ONNX Runtime and AWS's credentials read. */
const NAMES = new Set([
  'HOME',
  'LANG',
  'LANGUAGE',
  'LD_LIBRARY_PATH',
  'LOGNAME',
  'PATH',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TMPDIR',
  'TZ',
  'USER',
  'XDG_CACHE_HOME',
]);
const PREFIXES = /^(AWS|CUDA|EGL|LC|LIBGL|MESA|NODE|NVIDIA|OMP|ORT|SSL|VK)_/;
/** Settings that only the process itself needs. */
const SECRETS = /^SHARDMILL_(REDIS|STATUS)_/;

/** What an engine of a fleet gets: nothing of Redis, and nothing that is not known to be needed. */
export function filteredEnvironment(env: Environment, also: readonly string[]): Environment {
  return pick(env, (name) => NAMES.has(name) || PREFIXES.test(name) || also.includes(name));
}

/** What an engine of a command gets, which its user started himself: all but the fleet's secrets. */
export function ownEnvironment(env: Environment): Environment {
  return pick(env, (name) => !SECRETS.test(name));
}

function pick(env: Environment, isWanted: (name: string) => boolean): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isWanted(name)));
}
