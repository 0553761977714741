/** What an engine has, for the choice of a place. */
export interface EngineState {
  /** The run that it has open, with its settings; undefined where it has none. */
  readonly run: string | undefined;
  /** Numbers of the shards in it. */
  readonly shards: readonly number[];
  /** It takes no shard until it is empty, and begins anew then. */
  readonly retiring: boolean;
  /** When it was used last; milliseconds. */
  readonly usedAt: number;
}

export interface WaitingShard {
  readonly run: string;
  readonly shard: number;
}

/** Two, so that the next shard is scanned while the last parts of the one before are written. */
export const SHARDS_PER_ENGINE = 2;

/**
 * Where waiting shards go, the one that waits longest first: to the engine that has its run open and
 * the fewest shards, else to an empty one, where its run is opened. A shard whose run is open nowhere
 * and that finds no empty engine has one kept for it: that one takes no more shards of its own run.
 * So no run waits longer than the shards that are in an engine take.
 * @returns the index of the engine for each shard, or undefined where it has to wait.
 */
export function placeShards(
  engines: readonly EngineState[],
  waiting: readonly WaitingShard[],
): (number | undefined)[] {
  const places: Place[] = engines.map(({ run, shards, retiring, usedAt }, index) => ({
    index,
    run: retiring && shards.length === 0 ? undefined : run,
    shards: [...shards],
    closed: retiring && shards.length > 0,
    usedAt,
  }));
  return waiting.map(({ run, shard }) => {
    const place = ofRun(places, run, shard) ?? empty(places);
    if (place !== undefined) {
      place.run = run;
      place.shards.push(shard);
      return place.index;
    }
    if (!places.some((one) => one.run === run)) {
      const kept = fewest(places.filter((one) => !one.closed));
      if (kept !== undefined) kept.closed = true;
    }
    return undefined;
  });
}

interface Place {
  readonly index: number;
  run: string | undefined;
  readonly shards: number[];
  /** Takes no more shards of the run that it has open. */
  closed: boolean;
  readonly usedAt: number;
}

function ofRun(places: readonly Place[], run: string, shard: number): Place | undefined {
  return fewest(
    places.filter(
      (place) =>
        place.run === run &&
        !place.closed &&
        place.shards.length < SHARDS_PER_ENGINE &&
        // An abandoned shard may still be in the engine.
        !place.shards.includes(shard),
    ),
  );
}

/** The empty engine that lost nothing, or the one whose run was not asked for the longest. */
function empty(places: readonly Place[]): Place | undefined {
  return places
    .filter((place) => place.shards.length === 0)
    .toSorted(
      (a, b) => Number(a.run !== undefined) - Number(b.run !== undefined) || a.usedAt - b.usedAt,
    )
    .at(0);
}

function fewest(places: readonly Place[]): Place | undefined {
  return places.toSorted((a, b) => a.shards.length - b.shards.length).at(0);
}
