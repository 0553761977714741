import { modelBytes } from '../model/model-bytes.js';
import { MAX_SINGLE_PASS_BYTES } from '../part/choose-writer.js';
import type { RunSettings } from '../part/run-settings.js';
import { type KnownCalls, readKnownCalls, rememberKnownCalls } from './known-calls.js';
import type { LaneSettings } from './protocol.js';
import { callsKey } from './size-calls.js';

type Settings = RunSettings & LaneSettings;

/** What a model takes in memory, by the size of its files. */
const MEMORY_PER_BYTE = 1.5;

/** The lanes of a run, and what is to be done about finding better ones. */
interface Layout {
  readonly settings: Settings;
  /** Keeps whether one lane is faster; undefined where that is known, or is not to be tried. */
  readonly remember: ((oneLane: boolean) => Promise<void>) | undefined;
}

/**
 * A lane for each thread, or one lane with all of them where an earlier run has found that to be
 * faster. Small models are scored in single passes, whose lanes have one thread each.
 */
export async function chooseLayout(settings: Settings, cacheFolder: string): Promise<Layout> {
  const { lanes, tuneThreads, tuneCalls, executionProviders, memoryLimitBytes } = settings;
  const bytes = modelBytes(settings.scoring.model);
  const copies = bytes * MEMORY_PER_BYTE * (lanes + 1);
  const tunes = tuneThreads && tuneCalls && executionProviders[0] === 'cpu' && lanes > 1;
  if (!tunes || bytes <= MAX_SINGLE_PASS_BYTES) return { settings, remember: undefined };
  const key = await callsKey(settings, 'cpu', lanes);
  const { oneLane } = await readKnownCalls(cacheFolder, key, new Date());
  if (oneLane === true) {
    return { settings: { ...settings, lanes: 1, threadsPerLane: lanes }, remember: undefined };
  }
  const tries = oneLane === undefined && copies <= memoryLimitBytes / 2;
  const remember = (found: boolean): Promise<void> => {
    const learned: KnownCalls = { oneLane: found };
    return rememberKnownCalls(cacheFolder, key, learned, new Date());
  };
  return { settings, remember: tries ? remember : undefined };
}
