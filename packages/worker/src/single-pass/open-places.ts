import type { BoundFeature } from '@shardmill/core';
import type { TextCut } from '@shardmill/trees';
import {
  isOneText,
  namedPlaces,
  type PlacesByInput,
  type TextPlaces,
} from '../text-tables/text-places.js';
import { LearnedPlaces } from './learned-places.js';

/** Places of texts that encoders name, and, of features whose texts none does, of those that go into tables. */
export interface OpenedPlaces {
  readonly byInput: PlacesByInput;
  readonly learned: readonly LearnedPlaces[];
}

/** @param onCall as of `LearnedPlaces` */
export function openPlaces(
  features: readonly BoundFeature[],
  texts: TextCut | undefined,
  onCall: (milliseconds: number) => void,
): OpenedPlaces {
  const byInput = new Map<string, TextPlaces>();
  const learned: LearnedPlaces[] = [];
  const encoded = new Set(texts?.encoders.flatMap(({ inputs }) => inputs));
  for (const feature of features) {
    const { input } = feature;
    if (!isOneText(feature)) continue;
    const named = namedPlaces(texts?.known.get(input) ?? []);
    if (named !== undefined) byInput.set(input, named);
    else if (encoded.has(input)) {
      const places = new LearnedPlaces(onCall);
      learned.push(places);
      byInput.set(input, places);
    }
  }
  return { byInput, learned };
}
