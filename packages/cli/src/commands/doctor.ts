import { isModelReference, isS3, resolveLocation, withAbsoluteLocations } from '@shardmill/core';
import { checkClock } from '../doctor/check-clock.js';
import { checkReadable, checkWritable } from '../doctor/check-location.js';
import { checkModel } from '../doctor/check-model.js';
import { checkMachine } from '../doctor/check-machine.js';
import { checkRedis } from '../doctor/check-redis.js';
import { checkRules } from '../doctor/check-rules.js';
import { type Finding, warn } from '../doctor/finding.js';
import { type PreparedJob, prepareJob } from '@shardmill/client/jobs';
import type { Result } from '../result.js';
import type { Services } from '@shardmill/client/services';
import type { Terminal } from '../terminal.js';
import { doctorReport } from '../ui/doctor-report.js';
import { misspelledVariables } from './config.js';

export interface DoctorFlags {
  readonly uri?: readonly string[] | undefined;
  readonly job?: string | undefined;
}

interface Place {
  readonly what: string;
  readonly location: string;
  readonly writes: boolean;
}

/**
 * Checks Redis, the stores and this machine. Its exit code is 1 if something has to be fixed.
 * @throws CONFIG_INVALID, JOB_…
 */
export async function examine(
  flags: DoctorFlags,
  terminal: Terminal,
  services: Pick<Services, 'settings' | 'withFleet' | 'inspectProviders'>,
): Promise<Result> {
  const { settings } = services;
  const job = flags.job === undefined ? undefined : await prepareJob(flags.job, {}, terminal.cwd);
  const places: Place[] = [
    { what: 'state', location: settings.get('state.uri'), writes: true },
    ...(job === undefined ? [] : placesOf(job)),
    ...(flags.uri ?? []).map((uri) => ({
      what: 'location',
      location: resolveLocation(uri, terminal.cwd),
      writes: true,
    })),
  ];
  const findings = await services.withFleet(async (fleet) => {
    const [machine, redis, clock, model, ...stores] = await Promise.all([
      checkMachine(services.inspectProviders, job?.job.resources.executionProviders ?? []),
      checkRedis(fleet),
      places.some(({ location }) => isS3(location))
        ? checkClock(s3Endpoint(settings.get('s3.endpoint'), settings.get('s3.region')), Date.now)
        : [],
      job === undefined ? [] : checkModel(job, fleet),
      ...places.map(({ what, location, writes }) =>
        (writes ? checkWritable : checkReadable)(what, location, fleet.stores),
      ),
    ]);
    return [...machine, ...redis, ...stores, ...model, ...clock];
  });
  findings.push(checkRules(settings));
  for (const line of misspelledVariables(terminal.env)) {
    findings.push(warn('settings', line, 'Correct its name, or remove it.'));
  }
  return {
    json: () => ({ well: isWell(findings), findings }),
    text: (style) => doctorReport(findings, style),
    exitCode: isWell(findings) ? 0 : 1,
  };
}

const isWell = (findings: readonly Finding[]): boolean =>
  findings.every(({ state }) => state !== 'fail');

/** What a job reads and writes. */
function placesOf(prepared: PreparedJob): Place[] {
  const {
    input,
    model,
    challengers = [],
    output,
  } = withAbsoluteLocations(prepared.job, prepared.jobFile);
  const inputs = typeof input.uri === 'string' ? [input.uri] : input.uri;
  return [
    ...inputs.map((location) => ({ what: 'input', location, writes: false })),
    // One of the registry is looked up there.
    ...[model, ...challengers.map((one) => one.model)]
      .filter(({ uri }) => !isModelReference(uri))
      .map(({ uri }) => ({ what: 'model', location: uri, writes: false })),
    { what: 'output', location: output.uri, writes: true },
  ];
}

const s3Endpoint = (endpoint: string | undefined, region = 'us-east-1'): string =>
  endpoint ?? `https://s3.${region}.amazonaws.com`;
