/** What is known of a call of the model, or of several of a batch that took as many rows each. */
export interface TimedCall {
  /** Rows of one call. */
  readonly callRows: number;
  /** Rows of all of them. */
  readonly rows: number;
  readonly milliseconds: number;
  /** By how much the resident memory of the process was higher than before, at most. */
  readonly grownBytes: number;
}

export interface CallSizeOptions {
  /** The most rows that a batch has room for. Where calls are sized by tokens, all rows here are tokens. */
  readonly maxRows: number;
  /** Rows of the first call; 1, or 32 on a device, where left out. */
  readonly startRows?: number | undefined;
  /** Rows of every call, where the model or the user fixes them: then only batches are sized. */
  readonly fixedRows?: number | undefined;
  /** Calls that run at once. */
  readonly lanes: number;
  /** Resident bytes that the process may reach by its calls. */
  readonly memoryBytes: number;
  /** Whether the calls are a device's, whose memory is not seen here and which wants many rows. */
  readonly onDevice: boolean;
  /**
   * What an earlier process found, for the same model and machine: the size itself on a device, and
   * where the search begins, at half of it, on a processor.
   */
  readonly known?: KnownCall | undefined;
}

/** A size that was found, and what its calls need. */
export interface KnownCall {
  readonly rows: number;
  readonly callMs: number;
  /** Memory of one call. */
  readonly bytes: number;
}

interface Trial {
  calls: number;
  bestMsPerRow: number;
  grownBytes: number;
}

/** A size is tried only if its calls end within this time, as estimated from the size before. */
const MAX_CALL_MS = 1000;
/** Cheap calls are all tried: a gain is worth more than the few milliseconds that it takes to see. */
const CHEAP_CALL_MS = 20;
/** Each size is measured for about so long, and its fastest call counts: slower ones are noise. */
const MEASURED_MS = 1000;
/** Sizes in a row without a gain that end the search. */
const MAX_SIZES_WITHOUT_GAIN = 2;
const GAIN = 0.97;
/** With so great a gain one call is enough to go on. */
const CLEAR_GAIN = 0.8;
/** Sizes whose times differ by less are equal: of cheap calls by a few percent more, for noise. */
const EQUAL = { slow: 1.03, cheap: 1.05 };
/** A process grows by as much in its first calls, whatever the rows. */
const INCIDENTAL_BYTES = 16 * 2 ** 20;
/**
 * A call that is so many times as fast as those by which the size was found: then it was found on a
 * machine that was busy with other work, and perhaps calls seemed too long that are not.
 */
const FASTER_THAN_FOUND = 2;
const MAX_SEARCHES = 4;
/** Work of a batch once the size is known: progress is seen, and a lane's queue stays short. */
const BATCH_MS = 500;

/**
 * Finds how many rows one call of the model should take, from below: with few rows the calls cost
 * more than they do, with many the values between the layers leave the processor's cache, and in
 * the end the memory. It begins with one row and doubles while rows per second grow, while a call
 * ends within about a second, and while the memory that calls were seen to need leaves room for
 * twice as much in every lane. All that is tried is scored all the same.
 */
export class CallSize {
  readonly #trials = new Map<number, Trial>();
  readonly #step: number;
  #rows: number;
  #limit: number;
  #settled = false;
  #msPerRow = Infinity;
  /** Time per row by which the size was found. */
  #foundMsPerRow = 0;
  #searches = 1;
  /** Is called when the size is found, and when it is found again. */
  onSettled: (found: KnownCall) => void = () => {};

  /** @param residentBytes what the process has now. */
  constructor(
    readonly options: CallSizeOptions,
    residentBytes: number,
  ) {
    const { maxRows, startRows, fixedRows, onDevice, known, lanes, memoryBytes } = options;
    this.#limit = maxRows;
    // A device is set up anew for each size, and says itself when there is no room.
    this.#step = onDevice ? 4 : 2;
    this.#rows = Math.min(maxRows, (startRows ?? 1) * (onDevice ? 32 : 1));
    if (fixedRows !== undefined) {
      this.#rows = fixedRows;
      this.#settled = true;
      this.#msPerRow = Infinity;
    } else if (known !== undefined && residentBytes + known.bytes * lanes <= memoryBytes) {
      const rows = Math.min(maxRows, known.rows);
      if (onDevice) {
        // To try others may take a device minutes: it may have to compile the model for each.
        this.#rows = rows;
        this.#settled = true;
        this.#msPerRow = known.callMs / known.rows;
        this.#foundMsPerRow = this.#msPerRow;
      } else {
        // The machine may have been busy with other work when it was found: its neighbours are tried again.
        this.#rows = Math.max(Math.min(maxRows, startRows ?? 1), Math.floor(rows / this.#step));
      }
    }
  }

  /** Rows of one call. */
  get rows(): number {
    return Math.min(this.#rows, this.options.fixedRows ?? this.#limit);
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Time per row of one lane, at the size that was found; undefined before it is. */
  get msPerRow(): number | undefined {
    return this.#settled && Number.isFinite(this.#msPerRow) ? this.#msPerRow : undefined;
  }

  /** Rows of the next batch: one call while sizes are tried, then calls of about half a second. */
  get batchRows(): number {
    const { rows } = this;
    if (!this.#settled || !Number.isFinite(this.#msPerRow)) return rows;
    const { maxRows } = this.options;
    const calls = Math.min(BATCH_MS / this.#msPerRow, maxRows) / rows;
    // All that there is room for, where the last call need not be full.
    if (calls * rows >= maxRows) return Math.max(rows, maxRows);
    return Math.max(1, Math.floor(calls)) * rows;
  }

  /** There is no room for more rows than this. */
  limit(rows: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, rows));
    if (!this.#settled && this.#rows >= this.#limit) this.#settle();
  }

  /** @param residentBytes what the process has now. */
  record(call: TimedCall, residentBytes: number): void {
    const msPerRow = call.milliseconds / Math.max(1, call.rows);
    if (msPerRow * FASTER_THAN_FOUND < this.#foundMsPerRow) this.#searchAgain();
    if (this.#settled) {
      // A smoothed value follows slower and faster calls, and no single outlier entirely.
      const before = Number.isFinite(this.#msPerRow) ? this.#msPerRow : msPerRow;
      this.#msPerRow = before + (msPerRow - before) / 4;
      return;
    }
    const trial = this.#trials.get(call.callRows) ?? {
      calls: 0,
      bestMsPerRow: Infinity,
      grownBytes: 0,
    };
    this.#trials.set(call.callRows, trial);
    trial.calls++;
    trial.bestMsPerRow = Math.min(trial.bestMsPerRow, msPerRow);
    trial.grownBytes = Math.max(trial.grownBytes, call.grownBytes - INCIDENTAL_BYTES);
    if (call.callRows === this.#rows) this.#decide(trial, residentBytes);
  }

  /** From the size that there is on: what was measured of the sizes below is of no use. */
  #searchAgain(): void {
    this.#foundMsPerRow = 0;
    if (++this.#searches > MAX_SEARCHES) return;
    this.#settled = false;
    this.#trials.clear();
  }

  /** Whether to try more rows, to see more calls of as many, or to be content. */
  #decide(trial: Trial, residentBytes: number): void {
    const rows = this.#rows;
    const next = Math.min(rows * this.#step, this.#limit);
    const callMs = trial.bestMsPerRow * rows;
    const before = this.#bestBelow(rows);
    const { lanes, memoryBytes, onDevice } = this.options;
    const grown = this.#bytesOf(rows) * this.#step * lanes;
    const fits = onDevice || residentBytes + grown <= memoryBytes;
    const ends = callMs * this.#step <= MAX_CALL_MS;
    const possible = next > rows && fits && ends;
    if (possible && trial.bestMsPerRow < before * CLEAR_GAIN) {
      this.#rows = next;
      return;
    }
    // The first call of each lane sets things up.
    const rounds = callMs < CHEAP_CALL_MS ? 3 : Math.min(8, MEASURED_MS / callMs);
    const calls = Math.max(lanes + 1, Math.ceil(lanes * rounds));
    if (trial.calls < calls) return;
    const useful = callMs < CHEAP_CALL_MS || this.#sizesWithoutGain() < MAX_SIZES_WITHOUT_GAIN;
    if (possible && useful) this.#rows = next;
    else this.#settle();
  }

  #bestBelow(rows: number): number {
    let best = Infinity;
    for (const [size, { bestMsPerRow }] of this.#trials) {
      if (size < rows) best = Math.min(best, bestMsPerRow);
    }
    return best;
  }

  /** How many of the last sizes were not clearly better than all below them. */
  #sizesWithoutGain(): number {
    let count = 0;
    for (const [size, { bestMsPerRow }] of [...this.#trials].toSorted(([a], [b]) => b - a)) {
      if (bestMsPerRow < this.#bestBelow(size) * GAIN) return count;
      count++;
    }
    return count;
  }

  /**
   * Memory of a call of so many rows. What ONNX Runtime took for fewer rows it keeps, so that the
   * process may not grow at every size: the last three are judged together.
   */
  #bytesOf(rows: number): number {
    let bytes = 0;
    for (const [size, { grownBytes }] of this.#trials) {
      if (size * this.#step ** 2 >= rows) bytes = Math.max(bytes, grownBytes * (rows / size));
    }
    return bytes;
  }

  #settle(): void {
    const tried = [...this.#trials].filter(([size]) => size <= this.#limit);
    const best = Math.min(...tried.map(([, { bestMsPerRow }]) => bestMsPerRow));
    const equal = (rows: number): number =>
      best * rows < CHEAP_CALL_MS ? EQUAL.cheap : EQUAL.slow;
    const good = tried.flatMap(([size, { bestMsPerRow }]) =>
      bestMsPerRow <= best * equal(size) ? [size] : [],
    );
    // The fewer the calls the better; there was room for all that was tried.
    const chosen = good.length === 0 ? this.rows : Math.max(...good);
    this.#rows = Math.min(chosen, this.#limit);
    this.#settled = true;
    if (!Number.isFinite(best)) return;
    this.#msPerRow = this.#trials.get(chosen)?.bestMsPerRow ?? best;
    this.#foundMsPerRow = this.#msPerRow;
    const callMs = this.#msPerRow * this.#rows;
    this.onSettled({ rows: this.#rows, callMs, bytes: this.#bytesOf(this.#rows) });
  }
}
