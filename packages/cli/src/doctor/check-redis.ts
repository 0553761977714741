import type { FleetProcess, RedisReport } from '@shardmill/queue';
import type { Fleet } from '@shardmill/client/fleet';
import { formatBytes, formatDuration, plural } from '../ui/text/format.js';
import { failedWith, type Finding, ok, warn } from './finding.js';

/** Redis as a fleet needs it, and who is there. */
export async function checkRedis(fleet: Fleet): Promise<Finding[]> {
  let report: RedisReport;
  try {
    report = await (await fleet.redis()).check();
  } catch (error) {
    return [failedWith('Redis', error)];
  }
  const problems = report.problems.map(
    ({ severity, message, remedy }): Finding => ({
      what: 'Redis',
      state: severity === 'unsuitable' ? 'fail' : 'warn',
      found: message,
      remedy,
    }),
  );
  return [ok('Redis', reportText(report)), ...problems, ...(await checkProcesses(fleet))];
}

function reportText(report: RedisReport): string {
  const { software, version, mode, where, latencyMs, usedMemoryBytes, maxMemoryBytes } = report;
  const limit = maxMemoryBytes > 0 ? ` of ${formatBytes(maxMemoryBytes)}` : '';
  const { appendOnly, snapshots } = report.persistence;
  const kept = [...(appendOnly ? ['append-only file'] : []), ...(snapshots ? ['snapshots'] : [])];
  return [
    `${software} ${version}, ${mode}, at ${where}`,
    `answers in ${formatDuration(latencyMs)}, ${formatBytes(usedMemoryBytes)}${limit} used`,
    `${report.maxmemoryPolicy ?? 'eviction unknown'}, ${kept.length > 0 ? kept.join(' and ') : 'not kept on disk'}`,
  ].join('; ');
}

async function checkProcesses(fleet: Fleet): Promise<Finding[]> {
  let processes: readonly FleetProcess[];
  try {
    processes = await fleet.processes();
  } catch (error) {
    return [failedWith('fleet', error)];
  }
  const schedulers = processes.filter((process) => process.kind === 'scheduler').length;
  const workers = processes.length - schedulers;
  const found = `${plural(schedulers, 'scheduler')}, ${plural(workers, 'worker')}`;
  if (schedulers > 0 && workers > 0) return [ok('fleet', found)];
  const command = schedulers === 0 ? 'shardmill scheduler' : 'shardmill worker';
  return [warn('fleet', found, `Start one with \`${command}\`: runs wait until then.`)];
}
