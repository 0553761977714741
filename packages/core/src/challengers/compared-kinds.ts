/** How two columns are compared: as numbers, or by whether their values are the same. */
export const comparedKinds = ['numbers', 'labels'] as const;
export type ComparedKind = (typeof comparedKinds)[number];
