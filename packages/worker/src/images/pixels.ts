/** Pixels of 8 bits, row by row, `channels` of each beside each other; of one, it is gray. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly channels: Channels;
}
type Channels = 1 | 2 | 3 | 4;
