import { type ProviderReport, runtimeVersions, thisMachine } from '@shardmill/worker';
import { formatBytes, plural } from '../ui/text/format.js';
import { fail, failedWith, type Finding, ok, warn } from './finding.js';

/** An engine that scores a part with a model takes a few hundred megabytes. */
const LITTLE_MEMORY = 1e9;

/**
 * Node, cores and memory, DuckDB and ONNX Runtime.
 * @param wanted execution providers that a job names, of which one must be there.
 */
export async function checkMachine(
  inspectProviders: () => Promise<ProviderReport[]>,
  wanted: readonly string[],
): Promise<Finding[]> {
  const versions = runtimeVersions();
  const { cores, memoryBytes } = thisMachine();
  const machine = `${plural(cores, 'core')}, ${formatBytes(memoryBytes)} of memory, Node ${versions['node']}`;
  const findings = [
    memoryBytes < LITTLE_MEMORY
      ? warn('machine', machine, 'Give it 1 GB or more: an engine needs a few hundred megabytes.')
      : ok('machine', machine),
  ];
  try {
    const providers = await inspectProviders();
    // The engine loads DuckDB before it answers anything.
    findings.push(ok('DuckDB', `${versions['duckdb']}, loaded`));
    findings.push(...providerFindings(`${versions['onnxruntime']}`, providers, wanted));
  } catch (error) {
    findings.push(failedWith('engine', error));
  }
  return findings;
}

/** Most machines have no device: what is not there is a fault only where the job requires it. */
function providerFindings(
  version: string,
  providers: readonly ProviderReport[],
  wanted: readonly string[],
): Finding[] {
  const usable = providers.filter(({ reason }) => reason === null).map(nameOf);
  const others = providers.filter(({ reason }) => reason !== null).map(nameOf);
  const without =
    others.length > 0 ? `; not with ${others.join(', ')} (see shardmill docs gpu)` : '';
  const findings = [ok('ONNX Runtime', `${version}, computes with ${usable.join(', ')}${without}`)];
  const found = wanted.some((name) => usable.some((provider) => provider === name));
  for (const name of wanted) {
    if (usable.some((provider) => provider === name)) continue;
    const report = providers.find(({ provider }) => provider === name);
    const reason = `cannot be used: ${report?.reason ?? 'this ONNX Runtime does not know it'}`;
    findings.push(
      found
        ? warn(name, reason, `The job goes on with its next choice here: see shardmill docs gpu.`)
        : fail(
            name,
            reason,
            'Install it as `shardmill docs gpu` says, or name a fallback in the job.',
          ),
    );
  }
  return findings;
}

const nameOf = ({ provider }: ProviderReport): string => provider;
