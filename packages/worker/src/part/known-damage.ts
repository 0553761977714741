import type { PlannedPart, PlannedShard, ShardmillError } from '@shardmill/core';

/** Row groups of a file that cannot be decoded. */
export interface Damage {
  readonly uri: string;
  readonly firstRowGroup: number;
  readonly rowGroups: number;
  /** INPUT_DAMAGED, with what was found. */
  readonly error: ShardmillError;
}

/**
 * Row groups of a run's input that were found to be damaged. A run with such a row group cannot
 * finish, and every part of it would be decoded up to the damage, again and again, only to find the
 * same: those parts fail with what was found first.
 */
export class KnownDamage {
  readonly #found: Damage[] = [];

  note(damage: Damage): void {
    this.#found.push(damage);
  }

  /** @throws INPUT_DAMAGED where the part reads a row group that is known to be damaged */
  refuse({ files }: Pick<PlannedShard, 'files'>, { slices }: Pick<PlannedPart, 'slices'>): void {
    for (const { uri, firstRowGroup, rowGroups, error } of this.#found) {
      const reads = slices.some(
        (slice) =>
          files[slice.file]?.uri === uri &&
          slice.firstRowGroup < firstRowGroup + rowGroups &&
          firstRowGroup < slice.firstRowGroup + slice.rowGroups,
      );
      if (reads) throw error;
    }
  }
}
